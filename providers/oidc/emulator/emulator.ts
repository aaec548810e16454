/** An emulated OpenID Connect brand on a real port; `fault` or the page at `/` sets faults. */
import { type Emulator, type Handler, startEmulator } from '../../emulator/emulator.ts'
import { Faults } from '../../emulator/faults.ts'
import { listen } from '../../emulator/http.ts'
import { type Claims, escaped } from '../../emulator/pages.ts'
import { type Accounts, accountActions, accountsPath, accountsRoute, openAccounts } from './accounts.ts'
import type { BrandEmulatorOptions, EmulatedBrand, EmulatedClient, Endpoint } from './brand.ts'
import { codeFlow } from './code-flow.ts'
import { describedFaults, type FaultName, faultTable } from './faults.ts'
import { publications } from './publications.ts'
import { type TokenSigner, tokenSigner } from './signer.ts'

export interface BrandEmulator extends Emulator<FaultName, Endpoint> {
  readonly issuer: string
  /** The `endpoints` of a connection that uses it. */
  readonly endpoints: Readonly<Record<'authorization' | 'token' | 'jwks' | 'issuer', string>> & {
    readonly userinfo?: string
  }
  readonly people: readonly Claims[]
  /** The redirects after logout, newest first. */
  readonly signedOut: readonly string[]
  /** A JWT with these claims, as its SDKs and messages contain; adds `iss` and `iat`. */
  sign(claims: Claims, header?: Claims): string
  /** Signs with a new key and publishes only that one. */
  rotateKey(): Promise<void>
  readonly accounts: Accounts
}

/** @param brandAt the brand with its server at this URL */
export async function startBrandEmulator<C extends EmulatedClient>(
  brandAt: (url: string, signer: TokenSigner) => EmulatedBrand<C>,
  options: BrandEmulatorOptions<C>,
): Promise<BrandEmulator> {
  const faults = new Faults(faultTable)
  const signer = await tokenSigner(faults)
  const listening = await listen(options)
  const brand = brandAt(listening.url, signer)
  const issuer = listening.url + (brand.issuerPath ?? '')
  const accounts = openAccounts()
  const context = { ...options, brand, issuer, faults, signer, accounts }
  const flow = codeFlow(context)
  const { signedOut, ...published } = publications(context)
  const handlers: Readonly<Record<string, Handler>> = { ...flow.endpoints, ...published }
  const pathOf = (path: string) => (brand.issuerPath ?? '') + path
  const paths = Object.entries(brand.paths)
  const emulator = startEmulator(listening, {
    upstream: brand.name,
    people: options.people,
    faults,
    faultTable: describedFaults(brand.faults),
    endpoints: Object.fromEntries(paths.map(([endpoint, path]) => [endpoint, pathOf(path)])),
    routes: {
      ...Object.fromEntries(paths.map(([endpoint, path]) => [pathOf(path), handlers[endpoint]])),
      '/signin/': flow.signIn,
      [accountsPath]: accountsRoute(accounts),
      ...brand.routes,
    },
    page: () => {
      const page = { about: `<p>Issuer <code>${escaped(issuer)}</code></p>`, ...brand.page?.() }
      const personActions = (person: Claims) => accountActions(accounts, person) + (page.personActions?.(person) ?? '')
      return { ...page, personActions }
    },
    rotateKey: signer.rotate,
  })
  const { authorize, token, userinfo, keys } = brand.paths
  return {
    ...emulator,
    issuer,
    signedOut,
    people: options.people,
    accounts,
    rotateKey: signer.rotate,
    async close() {
      await emulator.close()
      signer.close()
    },
    endpoints: {
      authorization: issuer + authorize,
      token: issuer + token,
      jwks: issuer + keys,
      issuer,
      ...(userinfo !== undefined && { userinfo: issuer + userinfo }),
    },
    sign: (claims, header) => signer.sign({ iss: issuer, iat: Math.floor(Date.now() / 1000), ...claims }, header),
  }
}
