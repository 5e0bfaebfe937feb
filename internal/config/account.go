package config

// Account says what people may do with their accounts by themselves.
type Account struct {
	// Deletion lets people delete their accounts by themselves.
	Deletion bool `yaml:"deletion"`
}

func defaultAccount() Account { return Account{Deletion: true} }
