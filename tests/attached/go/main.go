// Reads jobs as JSON lines: an issuer, its keys, whom a token must be for, and the token. Answers each with a line:
// what github.com/coreos/go-oidc has against it, or nothing.
package main

import (
	"bufio"
	"context"
	"crypto"
	"encoding/json"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	jose "github.com/go-jose/go-jose/v4"
)

type job struct {
	Issuer     string            `json:"issuer"`
	Audience   string            `json:"audience"`
	Algorithms []string          `json:"algorithms"`
	Keys       []jose.JSONWebKey `json:"keys"`
	Token      string            `json:"token"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<22)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked job
		refusal := ""
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			refusal = "no job: " + err.Error()
		} else if err := verify(asked); err != nil {
			refusal = err.Error()
		}
		if err := answers.Encode(map[string]string{"refusal": refusal}); err != nil {
			os.Exit(1)
		}
	}
}

func verify(asked job) error {
	keys := &oidc.StaticKeySet{}
	for _, key := range asked.Keys {
		keys.PublicKeys = append(keys.PublicKeys, crypto.PublicKey(key.Key))
	}
	config := &oidc.Config{ClientID: asked.Audience, SupportedSigningAlgs: asked.Algorithms}
	_, err := oidc.NewVerifier(asked.Issuer, keys, config).Verify(context.Background(), asked.Token)
	return err
}
