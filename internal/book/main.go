// Command book makes a book of tutorial.md: pages for a browser, a chapter each.
//
//	go run -C internal/book . -serve      show it at an address of this machine
//	go run -C internal/book . -o FOLDER   write it into a folder
package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"log"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
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
	b := makeBook(*repository)
	if *folder != "" {
		b.find("all of them")
		for name, data := range b.files {
			name = filepath.Join(*folder, filepath.FromSlash(name))
			check(os.MkdirAll(filepath.Dir(name), 0o777))
			check(os.WriteFile(name, data, 0o666))
		}
	} else {
		listener := must(net.Listen("tcp", *addr))
		fmt.Printf("the book is at http://%s/\n", listener.Addr())
		for {
			go b.answer(must(listener.Accept()))
		}
	}
}

// answer sends a file to a browser. A few lines of HTTP are enough for that, and
// the book is there sooner: package net/http takes long to compile.
func (b *book) answer(conn net.Conn) {
	defer conn.Close()
	browser := textproto.NewReader(bufio.NewReader(conn))
	request, _ := browser.ReadLine() // GET /index.html HTTP/1.1
	browser.ReadMIMEHeader()
	name := cmp.Or(strings.TrimPrefix(strings.Fields(request + " / /")[1], "/"), "index.html")
	kind := map[string]string{".css": "text/css", ".js": "text/javascript"}[filepath.Ext(name)]
	b.making.Lock()
	data := b.find(name)
	b.making.Unlock()
	status := map[bool]string{true: "200 OK", false: "404 Not Found"}[data != nil]
	fmt.Fprintf(conn, "HTTP/1.1 %s\r\nContent-Type: %s; charset=utf-8\r\nContent-Length: %d\r\n"+
		"Connection: close\r\n\r\n%s", status, cmp.Or(kind, "text/html"), len(data), data)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func must[T any](made T, err error) T {
	check(err)
	return made
}
