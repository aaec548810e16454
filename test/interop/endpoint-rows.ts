/** Client authentication, discovery documents and token answers. */
import { discovery, invalid, minimalClaims, type Row, refused, row, signedIn, token, without } from './row.ts'

const clientAuthentication: readonly Row[] = [
  row('C1', 'takes client_secret_basic alone and lists it', 'Authelia; nextcloud/user_oidc', {
    ...discovery({ token_endpoint_auth_methods_supported: ['client_secret_basic'] }),
    accepts: ['basic'],
  }),
  row('C1', 'takes client_secret_basic and lists nothing', 'Discovery 1.0 section 3', { accepts: ['basic'] }),
  row('C1', 'lists basic and post, and registered the client for post', 'Auth0, oidc-provider', {
    ...discovery({ token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'] }),
    accepts: ['post'],
  }),
  row('C1', 'lists post alone, as one text', 'a Solid server', {
    ...discovery({ token_endpoint_auth_methods_supported: 'client_secret_post' }),
    accepts: ['post'],
  }),
  row('C1', 'lists four methods, and registered the client for basic', 'Hydra (K1)', {
    ...discovery({
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'],
    }),
    accepts: ['basic'],
  }),
  row(
    'C1',
    'has a secret of characters that are encoded in basic credentials',
    'IdentityServer: secrets with + and /',
    { accepts: ['basic'], secret: 'a+b/c:d %e&f=ü'.replace('ü', 'u') },
    signedIn,
    { clientSecret: 'a+b/c:d %e&f=u' },
  ),
  row(
    'C1',
    'does not decode basic credentials',
    'spring-security-oauth, older IdentityServer',
    { accepts: ['basic without decoding'], secret: 'a+b/c:d' },
    signedIn,
    { clientSecret: 'a+b/c:d', clientAuthentication: 'client_secret_basic', basicEncoding: 'none' },
  ),
  row('C1', 'has a public client', 'a Keycloak client without a secret', { accepts: ['none'] }, signedIn, {
    clientSecret: undefined,
    clientAuthentication: 'none',
  }),
  row('C1', 'reads credentials in the body alone, and misses the client ID in basic', 'older OAuth servers', {
    accepts: ['post'],
    refusal: { status: 400, error: 'invalid_request', error_description: 'client_id is missing' },
  }),
  row('C1', 'says unauthorized_client with status 401', 'Keycloak', {
    accepts: ['post'],
    refusal: { status: 401, error: 'unauthorized_client' },
  }),
  row('C1', 'says no more than status 401', 'a proxy before the upstream', {
    accepts: ['post'],
    refusal: { status: 401 },
  }),
  row(
    'C1',
    'refuses a wrong secret',
    'every upstream',
    { ...discovery({ token_endpoint_auth_methods_supported: ['client_secret_basic'] }) },
    refused(/invalid_client .*basic is not right.* to client_secret_basic: .*discovery lists client_secret_basic/),
    { clientSecret: 'wrong' },
  ),
  row('K4', 'requires pushed authorization requests', 'Keycloak client policy; FAPI upstreams', {
    discovery: (document, base) => ({
      ...document,
      require_pushed_authorization_requests: true,
      pushed_authorization_request_endpoint: `${base}/par`,
    }),
    pushed: true,
  }),
  row(
    'K4',
    'requires pushed authorization requests and names no endpoint',
    'a faulty document',
    discovery({ require_pushed_authorization_requests: true }),
    invalid(/requires pushed authorization requests/),
  ),
]

const nullEndpoints = {
  end_session_endpoint: null,
  userinfo_signing_alg_values_supported: null,
  claims_supported: null,
}

const documents: readonly Row[] = [
  row('B2', 'has a null end_session_endpoint', 'manfredsteyer/angular-oauth2-oidc', discovery(nullEndpoints)),
  row('B2', 'lists nothing but endpoints', 'AppAuth reports: no subject_types, no response_types', {
    discovery: without('id_token_signing_alg_values_supported'),
  }),
  row('B2', 'has lists that are null, empty or texts', 'solidcommunity.net; Spring Security reports', {
    ...discovery({
      id_token_signing_alg_values_supported: 'RS256',
      token_endpoint_auth_methods_supported: null,
      response_types_supported: null,
      subject_types_supported: [],
      claims_supported: '',
      acr_values_supported: 7,
    }),
  }),
  row('B2', 'has flags that are texts and numbers', 'hand-written documents', {
    ...discovery({
      authorization_response_iss_parameter_supported: 'false',
      require_pushed_authorization_requests: 'false',
      request_uri_parameter_supported: 0,
    }),
  }),
  row('B2', 'has endpoints with spaces around and a slash at the end', 'hand-written documents', {
    discovery: (document, base) => ({ ...document, token_endpoint: ` ${base}/token/ `, jwks_uri: `${base}/jwks/` }),
  }),
  row('B2', 'has an end_session_endpoint that is no address', 'a template left unfilled', {
    ...discovery({ end_session_endpoint: '{base}/logout', pushed_authorization_request_endpoint: '' }),
  }),
  row('B2', 'lists its algorithms as words in one text', 'hand-written documents', {
    ...discovery({ id_token_signing_alg_values_supported: 'RS256 ES256' }),
    alg: 'ES256',
  }),
  row('B2', 'has null among its algorithms', 'a faulty document', {
    ...discovery({ id_token_signing_alg_values_supported: [null, 'RS256', 1] }),
  }),
  row(
    'N3',
    'signs with HS256, which was not requested',
    'LINE without the setting',
    {
      ...discovery({ id_token_signing_alg_values_supported: ['HS256'] }),
    },
    invalid(/idTokenSignedResponseAlg/),
  ),
]

const tokens: readonly Row[] = [
  row(
    'B2',
    'gives scope as a list and a lower-case token type',
    'Twitch',
    token({ scope: ['openid'], token_type: 'bearer' }),
  ),
  row('B2', 'gives expires_in as a text', 'H2CK/oidc, 1Password report', token({ expires_in: '3600' })),
  row(
    'B2',
    'gives expires_in as a fraction, and scope null',
    'a Go server',
    token({ expires_in: 3599.5, scope: null }),
  ),
  row('B2', 'gives null for what it does not have', 'a .NET serializer', {
    ...token({ refresh_token: null, scope: null, expires_in: null, token_type: null, state: null }),
  }),
  row('B2', 'leaves the token type out', 'LinkedIn; openid-client reports', { token: without('token_type') }),
  row('B2', 'writes the token type in capitals, and members of its own', 'Yahoo Japan, Slack', {
    ...token({ token_type: 'BEARER', ok: true, authed_user: {}, 'not-before-policy': 0, session_state: 'x' }),
  }),
  row('B2', 'calls the token type BearerToken', 'Apigee', {
    ...token({ token_type: 'BearerToken' }),
    claims: minimalClaims,
  }),
  row('B2', 'gives no access token to those who ask for openid alone', 'Azure AD B2C', {
    token: without('access_token'),
  }),
  row('B2', 'calls its answer text/html', 'old PHP servers', {
    contentType: 'text/html; charset=ISO-8859-1',
  }),
  row(
    'B2',
    'gives no ID token',
    'OAuth servers without openid',
    { token: without('id_token') },
    invalid(/gave no ID token/),
  ),
  row(
    'B2',
    'says error with status 200',
    'GitHub',
    { token: () => ({ error: 'invalid_grant', error_description: 'code expired' }) },
    refused(/invalid_grant \(“code expired”\)/),
  ),
]

export const endpointRows: readonly Row[] = [...clientAuthentication, ...documents, ...tokens]
