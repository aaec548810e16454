/** The plans of the suite, by the names that the command line takes. */

export interface Plan {
  readonly name: string
  readonly suitePlan: string
  /** Whether Gatehouse is the OpenID Provider of the plan or the client. */
  readonly gatehouseAs: 'provider' | 'client'
  /** The suite's settings: see suite-settings.ts. */
  readonly settings: 'op' | 'op-key' | 'op-logout' | 'fapi' | 'rp'
  readonly variant: Readonly<Record<string, string>>
}

const provider = { gatehouseAs: 'provider' } as const
const client = { gatehouseAs: 'client', settings: 'rp' } as const
const isStatic = { client_registration: 'static_client' }
const code = { response_type: 'code' }
const asClient = { ...isStatic, request_type: 'plain_http_request' }
const byPost = { ...asClient, response_mode: 'default', client_auth_type: 'client_secret_post' }

export const plans: readonly Plan[] = [
  { name: 'config', suitePlan: 'oidcc-config-certification-test-plan', ...provider, settings: 'op', variant: {} },
  {
    name: 'basic',
    suitePlan: 'oidcc-basic-certification-test-plan',
    ...provider,
    settings: 'op',
    variant: { ...isStatic, server_metadata: 'discovery' },
  },
  {
    name: 'formpost',
    suitePlan: 'oidcc-formpost-basic-certification-test-plan',
    ...provider,
    settings: 'op',
    variant: { ...isStatic, server_metadata: 'discovery' },
  },
  {
    name: 'key',
    suitePlan: 'oidcc-test-plan',
    ...provider,
    settings: 'op-key',
    variant: { ...isStatic, ...code, response_mode: 'default', client_auth_type: 'private_key_jwt' },
  },
  {
    name: 'logout',
    suitePlan: 'oidcc-rp-initiated-logout-certification-test-plan',
    ...provider,
    settings: 'op-logout',
    variant: { ...isStatic, ...code },
  },
  {
    name: 'backchannel',
    suitePlan: 'oidcc-backchannel-rp-initiated-logout-certification-test-plan',
    ...provider,
    settings: 'op',
    variant: { ...isStatic, ...code },
  },
  {
    name: 'fapi2',
    suitePlan: 'fapi2-security-profile-final-test-plan',
    ...provider,
    settings: 'fapi',
    variant: {
      sender_constrain: 'dpop',
      client_auth_type: 'private_key_jwt',
      openid: 'openid_connect',
      fapi_profile: 'plain_fapi',
      authorization_request_type: 'simple',
    },
  },
  { name: 'rp', suitePlan: 'oidcc-client-basic-certification-test-plan', ...client, variant: asClient },
  { name: 'rp-post', suitePlan: 'oidcc-client-test-plan', ...client, variant: { ...byPost, ...code } },
  {
    name: 'rp-formpost',
    suitePlan: 'oidcc-client-test-plan',
    ...client,
    variant: { ...byPost, ...code, response_mode: 'form_post' },
  },
  { name: 'rp-config', suitePlan: 'oidcc-client-config-certification-test-plan', ...client, variant: byPost },
  { name: 'rp-logout', suitePlan: 'oidcc-client-rp-initiated-logout-rp-basic', ...client, variant: byPost },
  { name: 'rp-backchannel', suitePlan: 'oidcc-client-back-channel-logout-rp-basic', ...client, variant: byPost },
  {
    name: 'rp-3rd-party',
    suitePlan: 'oidcc-client-test-3rd-party-init-login-test-plan',
    ...client,
    variant: { ...byPost, ...code },
  },
]
