package doctor

// All returns all checks, in the order in which people read them.
func All() []Check {
	return []Check{
		// Configuration.
		configuration(),
		configurationWarnings(),
		engineSettings(),
		// Database.
		databaseAnswers(),
		databaseServer(),
		databaseTLS(),
	}
}
