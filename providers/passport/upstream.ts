/** Opens a connection to a brand without I/O. */
import type { ConnectionContext } from '../../src/provider/provider.ts'
import { jsonDocument } from '../oidc/endpoint/response.ts'
import { readKeySet } from '../oidc/keys/key-set.ts'
import { openKeys } from '../oidc/keys/keys.ts'
import { endpointsOf } from './endpoints.ts'
import type { OAuth2Strategy, StrategyOverrides } from './oauth2-family.ts'
import type { OAuth2Config, OAuth2Traits, StrategyOptions, Upstream } from './traits.ts'
import { redeem } from './transport.ts'

export function openUpstream<C extends OAuth2Config>(
  traits: OAuth2Traits<C>,
  config: C,
  context: ConnectionContext,
): Upstream<C> {
  const endpoints = endpointsOf(traits.endpoints, config.endpoints)
  const fetchKeys = jsonDocument(context.fetch, 'the key set', readKeySet)
  const keys = openKeys(() => fetchKeys(endpoints.jwks ?? ''), context.now)
  const tokens: StrategyOverrides['tokens'] = async (code, parameters) => {
    const clientSecret = await traits.clientSecret(config, context, endpoints)
    const request = { url: endpoints.token, clientId: config.clientId, clientSecret }
    return redeem(context, { ...request, parameters: { ...parameters, code } })
  }
  const options: StrategyOptions = {
    clientID: config.clientId,
    clientSecret: 'never used',
    callbackURL: context.callbackUrl.href,
    authorizationURL: endpoints.authorization,
    tokenURL: endpoints.token,
    scope: [...traits.scopes],
  }
  let strategy: Promise<OAuth2Strategy> | undefined
  return {
    traits,
    config,
    context,
    endpoints,
    keys,
    overrides: { context, tokens, pkce: traits.pkce, authorization: endpoints.authorization },
    strategy: () => {
      strategy ??= traits.strategy(options, config, endpoints)
      return strategy
    },
  }
}
