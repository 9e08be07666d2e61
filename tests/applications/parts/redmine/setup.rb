# Makes the data that every visit begins with: the tables, Redmine's own default data, a project with a wiki, and who
# may write in it. Run once by Redmine's `runner`; the database is copied from then on.

ActiveRecord::Base.connection.migration_context.migrate
ActiveRecord::Base.connection.schema_cache.clear!
ActiveRecord::Base.descendants.each(&:reset_column_information)
Redmine::DefaultData::Loader.load('en')

Setting.text_formatting = 'textile'
Setting.default_language = 'en'
Setting.login_required = '0'
Setting.gravatar_enabled = '0'

rita = User.new(firstname: 'Rita', lastname: 'Example', mail: 'rita@example.com', language: 'en')
rita.login = 'rita'
rita.password = rita.password_confirmation = 'rita-password'
rita.save!

project = Project.create!(
  name: 'Sales', identifier: 'sales', is_public: true, tracker_ids: Tracker.pluck(:id),
  enabled_module_names: %w[issue_tracking wiki files]
)
Member.create!(project: project, principal: rita, roles: [Role.find_by!(name: 'Manager')])
