/** One connection to a brand, as the parts of the engine share it. Nothing is asked before it is needed. */
import type { Site } from '../../src/provider.ts'
import { fetchJson } from '../oidc/endpoint/json.ts'
import { type Keys, openKeys } from '../oidc/keys/keys.ts'
import { type Endpoints, endpointsOf } from './endpoints.ts'
import type { Hardening, OAuth2Strategy } from './oauth2-family.ts'
import type { OAuth2Config, OAuth2Quirks, StrategyOptions } from './quirks.ts'
import { redeem } from './transport.ts'

export interface Upstream<C extends OAuth2Config> {
  readonly quirks: OAuth2Quirks<C>
  readonly config: C
  readonly site: Site
  readonly endpoints: Endpoints
  readonly keys: Keys
  readonly hardening: Hardening
  strategy(): Promise<OAuth2Strategy>
}

export function openUpstream<C extends OAuth2Config>(quirks: OAuth2Quirks<C>, config: C, site: Site): Upstream<C> {
  const endpoints = endpointsOf(quirks.endpoints, config.endpoints)
  const keys = openKeys(() => fetchJson(site.fetch, endpoints.jwks, 'the key set'), site.now)
  const tokens: Hardening['tokens'] = async (code, parameters) => {
    const clientSecret = await quirks.clientSecret(config, site, endpoints)
    const request = { url: endpoints.token, clientId: config.clientId, clientSecret }
    return redeem(site, { ...request, parameters: { ...parameters, code } })
  }
  const options: StrategyOptions = {
    clientID: config.clientId,
    clientSecret: 'never used',
    callbackURL: site.callbackUrl.href,
    authorizationURL: endpoints.authorization,
    tokenURL: endpoints.token,
    scope: [...quirks.scopes],
  }
  let strategy: Promise<OAuth2Strategy> | undefined
  return {
    ...{ quirks, config, site, endpoints, keys },
    hardening: { site, tokens, pkce: quirks.pkce },
    strategy: () => {
      strategy ??= quirks.strategy(options, config, endpoints)
      return strategy
    },
  }
}
