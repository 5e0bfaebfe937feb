package stack

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/connlimit"
	"example.com/identityd/internal/crossorigin"
	"example.com/identityd/internal/declare"
	"example.com/identityd/internal/inbox"
	"example.com/identityd/internal/locale"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/outage"
	"example.com/identityd/internal/outbound"
	"example.com/identityd/internal/packed"
	"example.com/identityd/internal/plainpage"
	"example.com/identityd/internal/reload"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/supervisor"
	"example.com/identityd/internal/systemd"
	"example.com/identityd/internal/tracing"
	"example.com/identityd/internal/ui"
	"example.com/identityd/internal/why"
)

// Options are what the configuration does not hold.
type Options struct {
	Log *slog.Logger
	// Version is the build's, for metrics and /version.
	Version string
	// Listen binds an address; nil means net's own.
	Listen ListenFunc
	// Manager is told where the process stands; nil is nobody.
	Manager *systemd.Manager
	// Sockets were bound before the process began, and take the place of binding.
	Sockets []systemd.Socket
	// Signals ends the stack; nil means SIGINT and SIGTERM of this process.
	Signals <-chan os.Signal
	// OnReady is called once, when the first request can be served; nil is allowed.
	OnReady func()
	// OnMigrating is called before each migration and when an engine's are through; nil is allowed.
	OnMigrating func(Progress)
	// Reload reads the configuration anew, with all its layers; nil watches no file.
	Reload func() (config.Config, error)
	// Memory is what Log keeps its lines in, for those who ask why; nil remembers nothing.
	Memory *why.Memory
	// Level is that of Log, to change it; nil leaves it.
	Level *slog.LevelVar
	// Watch is asked by each request for what is told of each of its statements, and for what is called when
	// it is over; nil watches nothing.
	Watch func(*http.Request) (each func(sqlseam.Statement), done func())
	// WithoutLeases lets every process do everything at once. Tests prove with it that they would notice;
	// no setting reaches it.
	WithoutLeases bool
	// BelievedHeaders is the same for the address, scheme and host that a client claims for itself.
	BelievedHeaders bool
	// TalkativeErrors is the same for what errors tell of the inside.
	TalkativeErrors bool
	// UnclaimedGrants is the same for codes and refresh tokens that parallel requests bring.
	UnclaimedGrants bool
	// UncheckedClients is the same for the addresses of OAuth2 clients.
	UncheckedClients bool
	// UnwrittenChanges is the same for changes by the admin APIs that the audit trail does not take.
	UnwrittenChanges bool
	// UnfixedAPIs is the same for the faults that the engines' APIs have at the pin.
	UnfixedAPIs bool
	// ForgottenSecrets is the same for the memory of secrets that matched.
	ForgottenSecrets bool
	// UpstreamKeys is the same for signing keys and the public documents.
	UpstreamKeys bool
	// UpstreamReads is the same for how Hydra's tokens, codes and clients are read.
	UpstreamReads bool
	// UpstreamPasswords is the same for new passwords.
	UpstreamPasswords bool
	// Unthrottled counts no attempts, UnreservedAttempts counts them afterwards only, UnboundedHashes hashes all
	// passwords at once, and UnevenLogins answers refused logins as soon as Kratos does: the same for those.
	Unthrottled, UnreservedAttempts, UnboundedHashes, UnevenLogins bool
	// BrokenContinuity is the same for cookies of social sign-ins that a rotation of secrets meets.
	BrokenContinuity bool
	// NewestKeyOnly is the same for our own forms and cookies.
	NewestKeyOnly bool
	// LookAtCertificates is how often the files of certificates are looked at; zero is as it comes. Tests are
	// in a hurry.
	LookAtCertificates time.Duration
	// SpanPause is the same for how long spans wait for others on their way to the collector.
	SpanPause time.Duration
	// LookForDrift is the same for changes by hand to what the file declares.
	LookForDrift time.Duration
	// WithoutResealing is the same for what old secrets sealed in the databases.
	WithoutResealing bool
	// FutureSignIns is the same for sign-ins whose time is in the future.
	FutureSignIns bool
	// AnyState is the same for what a provider sends back.
	AnyState bool
	// AnyOutbound is the same for what the engines may call, and how much of the answers is read.
	AnyOutbound bool
	// OutboundTimeout bounds an outgoing call; 0 is the product's. Tests do not want to wait for it.
	OutboundTimeout time.Duration
	// UnjudgedPeople is the same for names that look like others and for imported hashes.
	UnjudgedPeople bool
	// EagerPeople reads people and their sessions by a statement for each table, as upstream does.
	EagerPeople bool
	// OldHashes leaves it to Kratos which hashes of passwords are made anew.
	OldHashes bool
	// TellingCodes is the same for sign-ins by code with addresses that nobody has.
	TellingCodes bool
}

// Stack is a whole identityd.
type Stack struct {
	cfg       config.Config
	opts      Options
	log       *slog.Logger
	keys      keys
	listeners []*listener
	urls      URLs
	readiness *supervisor.Readiness
	gates     map[string]*supervisor.Gate
	metrics   *metrics
	memory    *outage.Memory
	// refusals tells of pages of other origins that may not call.
	refusals  *crossorigin.Refusals
	documents *packed.Documents
	tracing   *ory.Tracing
	// traces are what is exported, and stories join those of a sign-in.
	traces    *tracing.Tracing
	sqlSystem string
	stories   atomic.Pointer[tracing.Cookies]
	mails     tracedMails
	claims    *claims.Mapper
	certs     certificates
	doors     doors
	clients   *clientaddr.Clients
	texts     *locale.Texts
	plain     *plainpage.Pages
	codes     *why.Codes
	// plainNow takes the place of plain after a reload.
	plainNow atomic.Pointer[plainpage.Pages]
	outbound *outbound.Policy
	// ways are the ways out, by the part that goes.
	ways map[string]http.RoundTripper
	// inbox catches mail in development; nil elsewhere.
	inbox *inbox.Server
	began time.Time
	// inner is for identityd doctor.
	inner inner
	// pair are the engines that serve, once they do.
	pair atomic.Pointer[pair]
	// running are the settings in force, once they are not those of the start any longer.
	running atomic.Pointer[settings]
	// retiring is done when no pair is being made or closed beside the current one.
	retiring sync.WaitGroup
	// asks are looks at the configuration that somebody waits for; reloaded is what became of the last one, and
	// applied of the last one that put something into force.
	asks              chan reload.Ask
	reloaded, applied atomic.Pointer[ReloadStatus]
	// limits are those of the listeners.
	limits []*connlimit.Limit
	// booted is closed then, for the actors that need them.
	booted chan struct{}
	// patient says that the start waits for something.
	patient atomic.Bool
	// instance tells this process from others of the same name.
	instance string
	// caller is what those are called who come in by the control socket; empty is just that.
	caller string
	// leaving are the pages, once they are built, for the engines' way out.
	leaving atomic.Pointer[ui.UI]
	// probe is the request that identityd doctor sends to itself; nil while it sends none.
	probe atomic.Pointer[probe]
	// throttling is there once the engines are.
	throttling atomic.Pointer[throttling]
	// declaredPending says that a newer file was in force when the one of this process came; declaredInMemory
	// remembers what the file made where the database ends with the process.
	declaredPending  atomic.Bool
	declaredInMemory declare.Memory
	// trail is the audit trail, once there is a database to write it to.
	trail atomic.Pointer[audit.Trail]
}

// New binds the listeners and reads the secrets. It touches no database. Run has to be called, or the
// listeners stay bound.
func New(ctx context.Context, cfg config.Config, opts Options) (*Stack, error) {
	if opts.Listen == nil {
		opts.Listen = new(net.ListenConfig).Listen
	}
	if err := ory.DropEnvironment(); err != nil {
		return nil, err
	}
	before, err := given(cfg, opts.Sockets)
	if err != nil {
		return nil, err
	}
	listeners, err := bind(ctx, cfg.Listen, opts.Listen, before)
	if err != nil {
		return nil, err
	}
	opts.Manager.LogTo(opts.Log)
	s := &Stack{
		cfg: cfg, opts: opts, log: opts.Log, listeners: listeners,
		readiness: supervisor.NewReadiness("starting"),
		gates:     map[string]*supervisor.Gate{},
		metrics:   newMetrics(opts.Version),
		memory:    newMemory(cfg.Tokens),
		refusals:  crossorigin.NewRefusals(opts.Log, preflightRefused),
		documents: packed.NewDocuments(publicDocuments()...),
		began:     time.Now(),
		clients:   clientsBehind(cfg.Proxy),
		booted:    make(chan struct{}),
		asks:      make(chan reload.Ask),
		instance:  rand.Text()[:8],
	}
	if s.claims, err = compileClaims(cfg.Claims, s.log); err != nil {
		closeAll(listeners)
		return nil, err
	}
	if s.certs, err = openCertificates(cfg.TLS, s.log); err != nil {
		closeAll(listeners)
		return nil, err
	}
	s.certs.every(opts.LookAtCertificates)
	s.metrics.watchCertificates(s.certs)
	if s.texts, err = offer(cfg.UI); err != nil {
		closeAll(listeners)
		return nil, err
	}
	s.codes = newCodes()
	if s.plain, err = plainPages(cfg.UI, s.texts); err != nil {
		closeAll(listeners)
		return nil, err
	}
	if s.doors, err = s.openDoors(cfg.Admin); err != nil {
		closeAll(listeners)
		return nil, err
	}
	if err = s.openOutbound(ctx); err != nil {
		closeAll(listeners)
		return nil, err
	}
	if s.urls, err = urls(cfg, listeners); err != nil {
		closeAll(listeners)
		return nil, err
	}
	if err = s.checkModes(ctx); err != nil {
		closeAll(listeners)
		return nil, err
	}
	if s.keys, err = resolveKeys(ctx, cfg, s.log); err != nil {
		closeAll(listeners)
		return nil, err
	}
	if err = s.openTracing(ctx); err != nil {
		closeAll(listeners)
		return nil, err
	}
	if len(before) > 0 {
		s.log.InfoContext(ctx, "listeners of the service manager", "listeners", handed(listeners))
		s.warnOpenSockets(ctx, listeners)
	}
	s.openControl(ctx)
	for _, name := range []string{"gateway", "ui", "hydra_public", "kratos_public"} {
		s.gates[name] = supervisor.NewGate(s.readiness)
	}
	for _, name := range []string{"hydra_admin", "kratos_admin", "ops"} {
		// Kratos' admin API has its health under /admin.
		s.gates[name] = supervisor.NewGate(s.readiness, "/admin")
	}
	s.gates[controlName] = supervisor.NewGate(s.readiness)
	for _, gate := range s.gates {
		gate.Page = startingPage
	}
	s.gates["ops"].Open(s.ops())
	s.gates[controlName].Open(s.control())
	return s, nil
}

// URLs returns the addresses, which are known before anything is served.
func (s *Stack) URLs() URLs { return s.urls }

// Addresses returns where each listener is bound, by its word under listen:.
func (s *Stack) Addresses() map[string]string {
	out := map[string]string{}
	for _, l := range s.listeners {
		out[l.name] = l.bound[0].Addr().String()
	}
	if s.cfg.Listen.GatewayServesUI() {
		out["ui"] = out["gateway"]
	}
	return out
}

// Readiness tells what is missing; empty means nothing.
func (s *Stack) Readiness(ctx context.Context) map[string]string { return s.readiness.Status(ctx) }

// Run serves until a signal, the end of ctx, or the first failure.
func (s *Stack) Run(ctx context.Context) error {
	if s.cfg.Inbox() {
		var err error
		if s.inbox, err = inbox.Start(ctx, s.log.With("component", "inbox"), s.urls.UI, s.urls.Kratos); err != nil {
			closeAll(s.listeners)
			return fmt.Errorf("starting the development inbox: %w", err)
		}
	}
	hangups, deaf := s.hangups()
	defer deaf()
	g := supervisor.New(supervisor.Config{Log: s.log, Signals: s.opts.Signals})
	if s.opts.Manager != nil {
		g.Add(supervisor.Actor{Name: "service manager", Run: s.tellManager})
	}
	// In the order in which they stop: the engines last, because requests that drain need them.
	g.Add(supervisor.Servers(supervisor.ServersConfig{
		Log: s.log, Servers: s.servers(), Readiness: s.readiness,
		Prestop: s.cfg.Shutdown.Prestop, Drain: s.cfg.Shutdown.Drain,
	}))
	g.Add(supervisor.Actor{Name: "courier", Run: s.courier})
	g.Add(supervisor.Actor{Name: "janitor", Run: s.janitor})
	g.Add(supervisor.Actor{Name: "reload", Run: s.reloading(hangups)})
	g.Add(supervisor.Actor{Name: "boot", Run: s.boot})
	g.Add(supervisor.Actor{Name: "tracing", Run: s.keepTracing})
	for _, c := range s.certs.all() {
		g.Add(supervisor.Actor{Name: "certificates", Run: c.Watch})
	}
	if s.inbox != nil {
		// After the engines: their last mail still finds it.
		g.Add(supervisor.Actor{Name: "inbox", Run: s.inbox.Run})
	}
	if s.opts.Manager.Watchdog() > 0 {
		g.Add(supervisor.Actor{Name: "watchdog", Run: s.watchdog})
	}
	return g.Run(ctx)
}

func (s *Stack) servers() []supervisor.Server {
	var out []supervisor.Server
	for _, l := range s.listeners {
		server := supervisor.Server{Name: l.name, Listeners: s.limited(l, s.cfg.Limits), Handler: s.front(l, s.gates[l.name]), TLS: s.doors.certify(l, s.certs.of(l.name))}
		if l.admin {
			// Imports of many identities hash many passwords.
			server.Read, server.Write = 30*time.Second, 60*time.Second
		}
		out = append(out, server)
	}
	return out
}

func (s *Stack) started(ctx context.Context) {
	close(s.booted)
	s.log.InfoContext(ctx, "ready", "ui", s.urls.UI, "issuer", s.urls.Hydra)
	if s.opts.OnReady != nil {
		s.opts.OnReady()
	}
}

// courier delivers mail once the engines run.
func (s *Stack) courier(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.booted:
	}
	// Every replica sending would send each mail as often as there are replicas.
	return wrap("delivering mail", s.current().turns.always(ctx, leaseCourier, func(ctx context.Context) error {
		stop := s.aside(ctx, s.watchMail)
		defer stop()
		return s.follow(ctx, func(ctx context.Context, p *pair) error { return p.kratos.Deliver(ctx) })
	}))
}

// ops serves what machines ask. Nothing here is secret.
func (s *Stack) ops() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		//nolint:errcheck // the client went away
		json.NewEncoder(w).Encode(map[string]string{
			"version": s.opts.Version, "go": runtime.Version(), "region": s.cfg.Region,
		})
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "identityd: /health/alive /health/ready /metrics /version")
	})
	return mux
}
