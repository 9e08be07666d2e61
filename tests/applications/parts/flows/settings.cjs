// Node-RED's settings file, as an operator would write it.
const path = require('node:path');
const crypto = require('node:crypto');

module.exports = {
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.FLOWS_PORT),
  userDir: __dirname,
  flowFile: 'flows.json',
  credentialSecret: 'only for this test',
  httpStatic: path.join(__dirname, 'static'),
  functionGlobalContext: { crypto },
  telemetry: { enabled: false },
  editorTheme: { tours: false },
  adminAuth: {
    type: 'credentials',
    users: [{ username: 'nora', password: process.env.FLOWS_PASSWORD_HASH, permissions: '*' }],
  },
  logging: { console: { level: 'info' } },
};
