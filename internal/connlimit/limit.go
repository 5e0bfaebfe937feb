package connlimit

import (
	"net"
	"net/netip"
	"sync"
)

// Reason is why a connection was refused.
type Reason string

// Reasons.
const (
	// Client had as many connections as one may have.
	Client Reason = "client"
	// Listener had as many as it may have.
	Listener Reason = "listener"
)

// Config says how many there may be.
type Config struct {
	// Most is how many connections there may be, MostPerClient how many of one client; 0 sets no bound.
	Most, MostPerClient int
	// Key returns what a client is counted by. nil counts each address.
	Key func(netip.Addr) netip.Prefix
	// Exempt addresses are no client's: a proxy brings many. nil exempts none. A socket has no address, and
	// is exempt too.
	Exempt func(netip.Addr) bool
	// Encrypted connections are closed without a word, which would take a handshake.
	Encrypted bool
	// Refused is told of each connection that was refused; nil tells nobody.
	Refused func(Reason)
}

// Limit counts the connections of one listener, of which there may be several of net's.
type Limit struct {
	cfg Config

	mu      sync.Mutex
	open    int
	clients map[netip.Prefix]int
}

// New returns a Limit.
func New(cfg Config) *Limit {
	if cfg.Key == nil {
		cfg.Key = func(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }
	}
	if cfg.Refused == nil {
		cfg.Refused = func(Reason) {}
	}
	return &Limit{cfg: cfg, clients: map[netip.Prefix]int{}}
}

// Become changes how many there may be. Connections that are open stay.
func (l *Limit) Become(most, mostPerClient int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cfg.Most, l.cfg.MostPerClient = most, mostPerClient
}

// Open returns how many connections there are.
func (l *Limit) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

// Clients returns how many clients they are from, without those that are exempt.
func (l *Limit) Clients() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.clients)
}

// enter takes a place, or says why there is none. The key is the zero Prefix for who is exempt.
func (l *Limit) enter(remote net.Addr) (netip.Prefix, Reason) {
	key := l.key(remote)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cfg.Most > 0 && l.open >= l.cfg.Most {
		return key, Listener
	}
	if key.IsValid() && l.cfg.MostPerClient > 0 && l.clients[key] >= l.cfg.MostPerClient {
		return key, Client
	}
	l.open++
	if key.IsValid() {
		l.clients[key]++
	}
	return key, ""
}

func (l *Limit) leave(key netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if !key.IsValid() {
		return
	}
	if l.clients[key]--; l.clients[key] == 0 {
		delete(l.clients, key)
	}
}

func (l *Limit) key(remote net.Addr) netip.Prefix {
	tcp, ok := remote.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}
	}
	addr := tcp.AddrPort().Addr().Unmap()
	if l.cfg.Exempt != nil && l.cfg.Exempt(addr) {
		return netip.Prefix{}
	}
	return l.cfg.Key(addr)
}
