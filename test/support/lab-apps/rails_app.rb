# Rails applications with known session policies: ruby rails_app.rb PORT '{"store": "cookie" | "cache", "folder": …}'
require 'json'
require 'action_controller/railtie'
require 'logger'
port, text = ARGV
C = JSON.parse(text)
class LabApp < Rails::Application
  config.load_defaults 6.1
  config.eager_load = false
  config.secret_key_base = 'for the tests of the policy lab' * 3
  config.logger = Logger.new(nil)
  config.hosts.clear if config.respond_to?(:hosts)
  config.consider_all_requests_local = false
  config.root = C['folder']
  if C['store'] == 'cache'
    config.cache_store = :file_store, File.join(C['folder'], 'cache')
    config.session_store :cache_store, key: '_lab_session', expire_after: 1800
  else
    config.session_store :cookie_store, key: '_lab_session'
  end
end
class SessionsController < ActionController::Base
  protect_from_forgery with: :exception
  def form
    render html: helpers.form_tag('/login') { helpers.text_field_tag('user') }
  end

  def create
    reset_session
    session[:user] = params[:user]
    redirect_to '/account'
  end

  def account
    return redirect_to('/login') unless session[:user]

    render html: helpers.safe_join(["Account of #{session[:user]}", helpers.form_tag('/logout', method: :delete) { 'x' }])
  end

  def destroy
    reset_session
    redirect_to '/login'
  end
end
LabApp.initialize!
LabApp.routes.draw do
  get '/login', to: 'sessions#form'
  post '/login', to: 'sessions#create'
  get '/account', to: 'sessions#account'
  delete '/logout', to: 'sessions#destroy'
end
require 'puma'
require 'puma/configuration'
require 'puma/launcher'
conf = Puma::Configuration.new do |c|
  c.app LabApp
  c.bind "tcp://127.0.0.1:#{port}"
  c.threads 1, 4
  c.log_requests false
  c.quiet true
end
Puma::Launcher.new(conf, log_writer: (defined?(Puma::LogWriter) ? Puma::LogWriter.null : nil)).run
