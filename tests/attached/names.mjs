// The reasons that lies must come to, with the status of each: another name is changed here, and nowhere else.

const REASONS = {
  twice: ['bad_header', 400], // `Authorization` in two lines, on any site
  missing: ['assertion_missing', 401],
  malformed: ['assertion_malformed', 403],
  iss: ['assertion_iss', 403],
  aud: ['assertion_aud', 403],
  signer: ['assertion_signer', 403],
  type: ['assertion_type', 403],
  alg: ['assertion_alg', 403],
  key: ['assertion_key', 403],
  signature: ['assertion_signature', 403],
  time: ['assertion_time', 403],
  sub: ['assertion_sub', 403],
  emailMissing: ['email_missing', 403],
  emailUnverified: ['email_unverified', 403],
  outsider: ['outsider', 403],
};

/// What a request comes to. A program whose bearer does not verify is told 401 (RFC 6750 3.1); one that verifies, and
/// names nobody who may come, is 403 as everywhere.
export function expectationOf(reason, { type }) {
  const [name, status] = REASONS[reason];
  return { name, status: type === 'bearer' && name.startsWith('assertion_') ? 401 : status };
}
