package stack

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	"example.com/identityd/internal/adminguard"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/socket"
)

// controlName is the listener of the control socket, which has no word of its own: data_dir says where.
const controlName = "control"

// openControl binds the control socket. Without one everything works but the commands that ask a running
// process, so that no failure ends the start: a data folder may be read-only, or shared by replicas on
// one machine, of which the first one gets it.
func (s *Stack) openControl(ctx context.Context) {
	path := control.Path(s.cfg.DataDir)
	ln, careful, err := control.Listen(ctx, s.cfg.DataDir, func(uid int) {
		s.log.WarnContext(context.Background(), "another user was kept out of the control socket", "uid", uid)
	})
	var inUse *socket.InUseError
	switch {
	case errors.As(err, &inUse):
		s.log.WarnContext(ctx, "no control socket", "reason", "another identityd answers at "+path,
			"cure", "give each identityd a data_dir of its own; until then commands reach the other one")
		return
	case errors.Is(err, errors.ErrUnsupported):
		s.log.InfoContext(ctx, "no control socket", "reason", err.Error())
		return
	case err != nil:
		s.log.WarnContext(ctx, "no control socket", "reason", err.Error(),
			"cure", "make data_dir a folder that identityd may write to; commands that ask a running identityd need it")
		return
	case careful != "":
		s.log.WarnContext(ctx, "the folder of the control socket is open to others", "reason", careful)
	}
	address, err := config.ParseAddress("unix:" + control.FileName) // its network is what counts
	if err != nil {
		ln.Close()
		s.log.WarnContext(ctx, "no control socket", "reason", err.Error())
		return
	}
	s.listeners = append(s.listeners, &listener{name: controlName, address: address, admin: true, bound: []net.Listener{ln}})
}

// control is what commands ask: both admin APIs, and what routes says.
func (s *Stack) control() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.controlGuard(nil)(control.Handler(s.routes()...)))
	for _, engine := range []string{hydraName, kratosName} {
		admin := engine + "_admin"
		mux.Handle("/"+engine+"/", http.StripPrefix("/"+engine,
			s.within(admin, s.gates[admin], s.controlGuard(adminNeeds(admin)))))
	}
	return mux
}

// routes are the questions of our own. A part that has one adds a line.
func (s *Stack) routes() []control.Route {
	return []control.Route{
		{Method: http.MethodPost, Path: "/reload", Handler: http.HandlerFunc(s.serveReload)},
		{Method: http.MethodGet, Path: "/config", Handler: http.HandlerFunc(s.serveConfig)},
		{Method: http.MethodGet, Path: "/status", Handler: http.HandlerFunc(s.serveStatus)},
		{Method: http.MethodPost, Path: "/probe", Handler: http.HandlerFunc(s.serveProbe)},
		{Method: http.MethodGet, Path: "/probe", Handler: http.HandlerFunc(s.serveProbe)},
		{Method: http.MethodGet, Path: "/incident/database-copy", Handler: http.HandlerFunc(s.serveCopied)},
		{Method: http.MethodPost, Path: "/incident/database-copy/{step}", Handler: http.HandlerFunc(s.serveLeak)},
		{Method: http.MethodGet, Path: "/why", Handler: http.HandlerFunc(s.serveWhy)},
		{Method: http.MethodGet, Path: "/declared", Handler: http.HandlerFunc(s.serveDeclared)},
		{Method: http.MethodPost, Path: "/declared", Handler: http.HandlerFunc(s.serveDeclared)},
		{Method: http.MethodGet, Path: "/throttle", Handler: http.HandlerFunc(s.serveThrottle)},
		{Method: http.MethodDelete, Path: "/throttle", Handler: http.HandlerFunc(s.serveThrottle)},
	}
}

// controlGuard asks for no token and no name, since no browser gets here; what one sends is refused all
// the same.
func (s *Stack) controlGuard(needs func(*adminguard.Config)) middleware.Middleware {
	cfg := adminguard.Config{
		Listener: controlName, Log: s.log, Socket: true,
		Anonymous: func(r *http.Request) string { return orElse(s.caller, "control socket") + " " + r.RemoteAddr },
		Need:      func(*http.Request) adminguard.Scope { return adminguard.All },
		RequestID: func(r *http.Request) string { return middleware.RequestIDFrom(r.Context()) },
	}
	at := &listener{name: controlName}
	cfg.Note, cfg.Turned = s.noteChange(at), s.noteTurned(at)
	if needs != nil {
		needs(&cfg)
	}
	return adminguard.Middleware(cfg)
}

// ProcessStatus is what a running identityd says of itself.
type ProcessStatus struct {
	Version string    `json:"version"`
	Go      string    `json:"go"`
	PID     int       `json:"pid"`
	Profile string    `json:"profile"`
	Region  string    `json:"region,omitempty"`
	Source  string    `json:"config,omitempty"`
	Began   time.Time `json:"began"`
	Ready   bool      `json:"ready"`
	// Missing is what keeps it from being ready, by check.
	Missing map[string]string `json:"missing,omitempty"`
	// Reload is what became of the latest change of the configuration; absent before the first.
	Reload *ReloadStatus `json:"reload,omitempty"`
	// Listeners are where it is bound, by their words under listen:.
	Listeners map[string]string `json:"listeners"`
	// URLs are the addresses as a browser sees them.
	URLs map[string]string `json:"urls"`
	// Inbox is the mail server that catches mail in development.
	Inbox string `json:"inbox,omitempty"`
	// Runtime is for identityd doctor.
	Runtime doctor.Runtime `json:"runtime"`
}

func (s *Stack) status(ctx context.Context) ProcessStatus {
	missing, caught := s.readiness.Status(ctx), ""
	if s.inbox != nil {
		caught = s.inbox.SMTPURL()
	}
	return ProcessStatus{
		Version: s.opts.Version, Go: runtime.Version(), PID: os.Getpid(),
		Profile: string(s.cfg.Profile), Region: s.cfg.Region, Source: s.cfg.Source, Began: s.began.UTC(),
		Ready: len(missing) == 0, Missing: missing, Reload: s.reloaded.Load(), Listeners: s.Addresses(),
		URLs:  map[string]string{"ui": s.urls.UI, "hydra": s.urls.Hydra, "kratos": s.urls.Kratos},
		Inbox: caught, Runtime: s.runtime(),
	}
}

func (s *Stack) serveStatus(w http.ResponseWriter, r *http.Request) {
	control.JSON(w, s.status(r.Context()))
}
