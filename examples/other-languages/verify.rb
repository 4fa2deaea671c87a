# Verifies deliveries of Blue with Ruby's standard library. `ruby verify.rb vectors.json` checks every vector.

require 'json'
require 'openssl'

# Whether the raw body carries its signature: exactly once, as 64 lowercase hex characters.
# `signatures` holds every value of the X-Signature header. Pass the bytes that arrived, before any parser.
def genuine?(secret, body, signatures)
  raise ArgumentError, 'The secret is empty: anyone could sign with it.' if secret.empty?
  return false unless signatures.length == 1 && signatures.first.match?(/\A[0-9a-f]{64}\z/)

  OpenSSL.fixed_length_secure_compare(OpenSSL::HMAC.hexdigest('SHA256', secret, body), signatures.first)
end

vectors = JSON.parse(File.read(ARGV.fetch(0), encoding: 'UTF-8')).fetch('vectors')
wrong = vectors.reject do |vector|
  secret = [vector['secretHex']].pack('H*')
  body = vector['bodyBase64'].unpack1('m0')
  genuine?(secret, body, vector['signatures']) == vector['genuine']
end
wrong.each { |vector| puts vector['name'] }
puts "#{vectors.length} vectors, #{wrong.length} wrong"
exit wrong.empty?
