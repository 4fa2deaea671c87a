// Verifies deliveries of Blue with Go's standard library. `go run verify.go vectors.json` checks every vector.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
)

var signature = regexp.MustCompile(`\A[0-9a-f]{64}\z`)

// IsGenuine reports whether the raw body carries its signature: exactly once, as 64 lowercase hex characters.
// signatures holds every value of the X-Signature header; pass the bytes that arrived, before any parser.
// The secret must not be empty: anyone could sign with it.
func IsGenuine(secret, body []byte, signatures []string) bool {
	if len(secret) == 0 || len(signatures) != 1 || !signature.MatchString(signatures[0]) {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(signatures[0]))
}

func main() {
	var file struct {
		Vectors []struct {
			Name, SecretHex string
			BodyBase64      []byte // encoding/json decodes base64
			Signatures      []string
			Genuine         bool
		}
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil || json.Unmarshal(text, &file) != nil {
		panic("usage: go run verify.go vectors.json")
	}
	wrong := 0
	for _, vector := range file.Vectors {
		secret, _ := hex.DecodeString(vector.SecretHex)
		if IsGenuine(secret, vector.BodyBase64, vector.Signatures) != vector.Genuine {
			fmt.Println(vector.Name)
			wrong++
		}
	}
	fmt.Printf("%d vectors, %d wrong\n", len(file.Vectors), wrong)
	if wrong > 0 {
		os.Exit(1)
	}
}
