// Package translate turns the settings of a Hydra and a Kratos of their own into a stack.yaml, and says of every key what became of it.
package translate
