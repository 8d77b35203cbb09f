// Command book makes a book of tutorial.md: pages for a browser, a chapter each.
//
//	go run -C internal/book . -serve      show it at an address of this machine
//	go run -C internal/book . -o FOLDER   write it into a folder
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	serve := flag.Bool("serve", false, "show the book at an address of this machine")
	addr := flag.String("addr", "127.0.0.1:8000", "with -serve: listen on this `address`")
	folder := flag.String("o", "", "write the book into this `folder`, seen from internal/book")
	repository := flag.String("repository", "", "let links to files lead to this `address`")
	flag.Parse()
	if flag.NArg() > 0 || *serve == (*folder != "") {
		flag.Usage()
		os.Exit(2)
	}
	b, err := makeBook("../..", *repository)
	check(err)
	if *serve {
		listener, err := net.Listen("tcp", *addr)
		check(err)
		fmt.Printf("the book is at http://%s/\n", listener.Addr())
		check(http.Serve(listener, http.FileServerFS(b.files)))
	}
	for name, file := range b.files {
		name = filepath.Join(*folder, filepath.FromSlash(name))
		check(os.MkdirAll(filepath.Dir(name), 0o777))
		check(os.WriteFile(name, file.Data, 0o666))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
