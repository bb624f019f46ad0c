# Active Support's messages as Action Dispatch uses them for cookies, and Rack's session cookie, as judges. The protocol is
# that of judge.py.
require 'json'
require 'base64'
require 'active_support'
require 'active_support/json'
require 'active_support/message_encryptor'
require 'active_support/message_verifier'
require 'action_dispatch'
require 'rack'
require 'rack/session/cookie'

KEY = 'judge-key-0123456789abcdef0123456789abcdef'
PURPOSE = 'cookie._demo_session'

def derived(salt, length)
  OpenSSL::PKCS5.pbkdf2_hmac(KEY, salt, 1000, length, OpenSSL::Digest.new('SHA1'))
end

def encrypted(serializer)
  made = ActiveSupport::MessageEncryptor.new(derived('authenticated encrypted cookie', 32), cipher: 'aes-256-gcm', serializer: serializer)
  [->(v) { made.encrypt_and_sign(v, purpose: PURPOSE) }, ->(raw) { made.decrypt_and_verify(raw, purpose: PURPOSE) }]
end

def encrypted_cbc(serializer)
  made = ActiveSupport::MessageEncryptor.new(derived('encrypted cookie', 64)[0, 32], derived('signed encrypted cookie', 64), cipher: 'aes-256-cbc', digest: 'SHA1', serializer: serializer)
  [->(v) { made.encrypt_and_sign(v, purpose: PURPOSE) }, ->(raw) { made.decrypt_and_verify(raw, purpose: PURPOSE) }]
end

def signed(serializer)
  made = ActiveSupport::MessageVerifier.new(derived('signed cookie', 64), digest: 'SHA1', serializer: serializer)
  [->(v) { made.generate(v, purpose: PURPOSE) }, ->(raw) { made.verify(raw, purpose: PURPOSE) }]
end

def rack(coder)
  run = lambda do |cookie, change|
    seen = nil
    app = Rack::Session::Cookie.new(lambda { |env|
      change.call(env['rack.session'])
      seen = env['rack.session'].to_hash
      [200, {}, ['ok']]
    }, key: 'rack.session', secret: KEY, coder: coder)
    _, headers, = app.call(Rack::MockRequest.env_for('/', cookie ? { 'HTTP_COOKIE' => "rack.session=#{Rack::Utils.escape(cookie)}" } : {}))
    [seen, headers['Set-Cookie']]
  end
  write = ->(v) { Rack::Utils.unescape(run.call(nil, ->(s) { v.each { |k, x| s[k] = x } })[1].split(';')[0].split('=', 2)[1]) }
  read = ->(raw) { run.call(raw, ->(s) { s['no such key'] })[0].reject { |k, _| k == 'session_id' } }
  [write, read]
end

JSON_COOKIES = ActionDispatch::Cookies::JsonSerializer
FORMATS = {
  'rails-json' => encrypted(JSON_COOKIES), 'rails-marshal' => encrypted(Marshal), 'rails-cbc-json' => encrypted_cbc(JSON_COOKIES),
  'rails-signed-json' => signed(JSON_COOKIES), 'rails-signed-marshal' => signed(Marshal),
  'rack-marshal' => rack(Rack::Session::Cookie::Base64::Marshal.new), 'rack-json' => rack(Rack::Session::Cookie::Base64::JSON.new),
  'rack-zipjson' => rack(Rack::Session::Cookie::Base64::ZipJSON.new), 'marshal' => [->(v) { Marshal.dump(v) }, ->(raw) { Marshal.load(raw) }]
}.freeze

asked = JSON.parse($stdin.read)
answer =
  if asked['write']
    FORMATS.transform_values { |(write, _)| asked['write'].map { |v| { raw: Base64.strict_encode64(write.call(v)) } } }
  else
    asked['read'].to_h do |name, ones|
      [name, ones.map do |one|
        { value: FORMATS[name][1].call(Base64.decode64(one['raw'])) }
      rescue StandardError => e
        { error: "#{e.class}: #{e.message}" }
      end]
    end
  end
puts JSON.generate(answer)
