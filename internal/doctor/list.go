package doctor

// All returns all checks, in the order in which people read them.
func All() []Check {
	return append([]Check{
		// Configuration.
		configuration(),
		configurationWarnings(),
		engineSettings(),
		// The running process.
		processReady(),
		processSame(),
		leftSocket(),
		// Database.
		databaseAnswers(),
		databaseServer(),
		databaseTLS(),
		schema(),
		pool(),
		// Secrets.
		secretValues(),
		secretAges(),
		copiedSecrets(),
		secretFiles(),
		folderModes(),
		signingKeys(),
		signingAlgorithms(),
		// Clock.
		databaseClock(),
		replicaClocks(),
		issuerClock(),
		// Housekeeping.
		janitorRuns(),
		tableGrowth(),
		leases(),
		auditTrail(),
		// The machine.
		disk(),
		memory(),
		openFiles(),
		backups(),
	}, outside()...)
}
