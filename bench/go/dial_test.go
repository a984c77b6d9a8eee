package bench

import (
	"crypto/tls"
	"net"
)

func dial(address string, dialer *net.Dialer, _ *tls.Config) (net.Conn, error) {
	return dialer.Dial("unix", address)
}
