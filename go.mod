module example.com/sockets

go 1.25.0

// With Multipath TCP, Linux doesn't tell in which zone a listener is.
godebug multipathtcp=0

require (
	github.com/rogpeppe/go-internal v1.16.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/sys v0.47.0
)

require (
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/tools v0.26.0 // indirect
)
