/** An app as the emulated Okta knows it. */
export interface OktaClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUris: readonly string[]
  /** Where the tile on the dashboard leads: Gatehouse's `…/initiate`. */
  readonly initiateLoginUri?: string
  /** Where its sign-out may lead to: Gatehouse's `…/signed-out`. */
  readonly postLogoutRedirectUris?: readonly string[]
  /** Where logout tokens go. Okta itself sends none; other issuers do. */
  readonly backchannelLogoutUri?: string
  /** Where Universal Logout goes: Gatehouse's `…/global-token-revocation`. */
  readonly globalTokenRevocationUri?: string
}
