package doctor

// outside are the checks of what others see: addresses, certificates, mail, admin APIs, clients.
func outside() []Check {
	return []Check{
		// Addresses.
		urlsAgree(),
		ownNames(),
		issuerAnswers(),
		listeners(),
		forwarding(),
		sameInstallation(),
		corsClosed(),
		// Certificates.
		certificateFiles(),
		tlsOutside(),
		// Signing in.
		passkeyDomain(),
		providersAnswer(),
		callbacks(),
		breachService(),
		// Mail.
		mailServer(),
		senderRecords(),
		mailQueue(),
		// The admin APIs.
		adminListeners(),
		adminOutside(),
		// Clients.
		fileRedirects(),
		storedRedirects(),
		notified(),
		declaredAsWritten(),
		// Hooks.
		hooksReached(),
		hookQueue(),
	}
}
