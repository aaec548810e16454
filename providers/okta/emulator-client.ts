export interface OktaClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUris: readonly string[]
  /** Target of the dashboard tile: Gatehouse's `…/initiate`. */
  readonly initiateLoginUri?: string
  /** Allowed targets after logout: Gatehouse's `…/signed-out`. */
  readonly postLogoutRedirectUris?: readonly string[]
  /** Receives logout tokens. Okta itself sends none; other issuers do. */
  readonly backchannelLogoutUri?: string
  /** Receives Universal Logout: Gatehouse's `…/global-token-revocation`. */
  readonly globalTokenRevocationUri?: string
}
