package config

// resolve makes every path absolute, reads the files that secrets are in, and settles what depends
// on other settings. The rules run after it.
func resolve(c *collector, cfg *Config) {
	if cfg.DataDir == "" {
		cfg.DataDir = defaults(cfg.Profile).DataDir
	}
	cfg.DataDir = absolute(cfg.Dir, cfg.DataDir)
	resolveGateway(cfg)
	cfg.Listen.resolve(cfg.Profile, cfg.Dir)
	cfg.Database.resolve(cfg.Profile, cfg.DataDir, cfg.Dir)
	if cfg.Origins[breachCheck] == "default" && (cfg.Database.Dialect() == SQLite || cfg.Outbound.None) {
		cfg.Login.First.Password.BreachCheck = BreachOffline
	}
	resolveOutbound(c, cfg)
	resolveTracing(c, cfg)
	resolvePasswords(c, cfg)
	resolveSecrets(c, cfg)
	resolveSchemas(c, cfg)
	resolveTLS(cfg)
	resolveAdmin(cfg)
	resolveMail(c, cfg)
	resolveClients(c, cfg)
	resolveIdentities(c, cfg)
	resolveBrand(c, cfg)
	resolveProviders(c, cfg)
	resolveHooks(c, cfg)
}

const breachCheck = "login.first.password.breach_check"

// checkRules judges a resolved configuration, section by section.
func checkRules(c *collector, cfg *Config) {
	checkGeneral(c, cfg)
	checkListen(c, cfg)
	checkURLs(c, cfg)
	checkDatabase(c, cfg)
	checkSecrets(c, cfg)
	checkLogin(c, cfg)
	checkDurations(c, cfg)
	checkJanitor(c, cfg)
	checkThrottle(c, cfg)
	checkReturnTo(c, cfg)
	checkProtect(c, cfg)
	checkTLS(c, cfg)
	checkAdmin(c, cfg)
	checkProxy(c, cfg)
	checkLimits(c, cfg)
	checkMail(c, cfg)
	checkOutbound(c, cfg)
	checkTracing(c, cfg)
	checkRegistration(c, cfg)
	checkDynamicRegistration(c, cfg)
	checkClients(c, cfg)
	checkIdentities(c, cfg)
	checkHooks(c, cfg)
	checkConsent(c, cfg.Consent)
	checkLocales(c, cfg.UI.Locales)
	checkOrigins(c, "cors.origins", cfg.CORS.Origins)
	checkColors(c, cfg.UI.Brand.Colors)
	checkLinks(c, cfg)
	checkBlocks(c, cfg)
}
