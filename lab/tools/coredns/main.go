// Command coredns is CoreDNS with the plugins that the lab's two resolvers use and no others:
// the upstream program links every cloud's client and takes three times as long to build.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/log"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/reload"
	_ "github.com/coredns/coredns/plugin/template"
)

// The order in which plugins are asked, as upstream's plugin.cfg has it.
func init() {
	dnsserver.Directives = []string{
		"reload", "ready", "errors", "log", "cache", "template", "hosts", "kubernetes", "forward",
	}
}

func main() {
	coremain.Run()
}
