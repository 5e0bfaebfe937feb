// Package eject turns the settings of an identityd into the files of a Hydra and a Kratos of their own, and says what is lost by leaving.
package eject
