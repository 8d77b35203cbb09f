// Wrong on purpose: it does not compile.
package main

func main() { listen() }
