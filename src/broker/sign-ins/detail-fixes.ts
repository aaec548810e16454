/**
 * The texts of fixes.ts by the failed check or the OAuth error, as providers/<kind>/setup.md says.
 */
import type { ErrorCode, Fixer } from '../../errors.ts'

export interface FixTexts {
  readonly title: string
  readonly fix: string
}

export interface DetailFixRow extends FixTexts {
  /** Default: that of the code. */
  readonly fixer?: Fixer
  /** Default: those about an identity provider. */
  readonly codes?: readonly ErrorCode[]
  readonly details: RegExp
}

/** The first row that matches counts. */
export const detailFixes: readonly DetailFixRow[] = [
  {
    codes: ['upstream_unreachable'],
    details: /\b(timeout|slow|timed out)$/i,
    title: 'The identity provider answers too slowly',
    fix: "Check the identity provider's status page. If it is up, check the network and the proxy between Gatehouse and it.",
  },
  {
    codes: ['upstream_unreachable'],
    details: /\b(unknown host|dns)$/i,
    title: 'The host name of the identity provider cannot be resolved',
    fix: "Check the spelling of the host in issuer or metadataUrl in the tenant's file. If it is right, check the DNS of the servers.",
    fixer: 'operator',
  },
  {
    codes: ['upstream_unreachable'],
    details: /\bcertificate expired$/,
    title: 'The TLS certificate of the identity provider has expired',
    fix: 'Renew the certificate of its server at the identity provider. Gatehouse connects again by itself.',
    fixer: 'tenant admin',
  },
  {
    codes: ['upstream_unreachable'],
    details: /\b(tls|certificate)$/i,
    title: 'The TLS certificate of the identity provider is not trusted',
    fix: 'Renew the certificate at the identity provider. If a private authority issued it, add the authority to outbound.ca in gatehouse.yaml.',
  },
  {
    codes: ['upstream_unreachable'],
    details: /\bprivate address$/i,
    title: 'The identity provider has a private address',
    fix: 'Add its host to outbound.allowPrivate in gatehouse.yaml, if Gatehouse may call it.',
    fixer: 'operator',
  },
  {
    codes: ['upstream_unreachable'],
    details: /\b(connection )?(refused|lost)$/i,
    title: 'The identity provider accepts no connection',
    fix: "Check that the identity provider runs, and that the host and port in the tenant's file and the firewall are right.",
  },
  {
    codes: ['upstream_unreachable'],
    details: /\bproxy$/i,
    title: 'The outbound proxy does not connect to the identity provider',
    fix: 'Check the address and the credentials of the proxy, and allow the host of the identity provider there.',
    fixer: 'operator',
  },
  {
    codes: ['upstream_unreachable'],
    details: /\bstatus( [45]\d\d)?$/i,
    title: 'The identity provider answers with a server error',
    fix: "Check the identity provider's status page. Users can sign in again once it works.",
  },
  {
    details: /\b(client credentials|invalid_client|unauthorized_client|incorrect_client_credentials)$/,
    title: 'The identity provider rejects the client ID or the client secret',
    fix: "Copy client ID and client secret again from the application at the identity provider into the tenant's file. The secret may have been rotated or have expired there.",
    fixer: 'operator',
  },
  {
    details: /\b(invalid_grant|bad_verification_code)$/,
    title: 'The identity provider rejects the authorization code',
    fix: 'Sign in again: a code works once and for a few minutes. If every sign-in fails, compare the redirect URI at the identity provider with the callback URL of the connection.',
  },
  {
    codes: ['app_request_refused'],
    details: /post_logout_redirect_uri/,
    title: 'The redirect URI of the app after sign-out is not registered',
    fix: 'Register the exact URI in the settings of the app, under redirect URIs after sign-out.',
    fixer: 'app developer',
  },
  {
    details: /redirect_uri|\bcallback|^binding$|UnsupportedBinding$/i,
    title: 'The callback URL is not registered at the identity provider',
    fix: 'Register the callback URL of the connection at the identity provider exactly as `gatehouse connection show` prints it.',
    fixer: 'tenant admin',
  },
  {
    details: /\b(invalid_scope|unauthorized_scope_error)$/,
    title: 'The identity provider does not know a requested scope',
    fix: "Remove the scope from scopes in the tenant's file, or add it to the application at the identity provider.",
  },
  {
    details:
      /\b(access_denied|(consent|login|interaction|account_selection)_required|AuthnFailed|RequestDenied|UnknownPrincipal)$/,
    title: 'The user canceled, or may not use the application',
    fix: 'Assign the user to the application at the identity provider, then sign in again.',
    fixer: 'tenant admin',
  },
  {
    details: /\b(temporarily_unavailable|server_error|Responder)$/,
    title: 'The identity provider had a fault of its own',
    fix: "Check the identity provider's status page, then sign in again.",
  },
  {
    details: /^(exp|IssueInstant|NotOnOrAfter\b.*|exp of userinfo)$/,
    title: 'The answer of the identity provider was too old',
    fix: 'Sign in again: an old answer may have been sent a second time. If every sign-in fails, the clock of Gatehouse or of the identity provider is wrong, or its answers are valid for too short a time: compare both clocks with the times in the trace.',
    fixer: 'operator',
  },
  {
    details: /^(clock|iat|nbf|NotBefore\b.*)$/,
    title: 'The clocks of Gatehouse and the identity provider differ',
    fix: 'Synchronize the clock of the servers of Gatehouse (NTP): at most 60 seconds of difference are accepted. If it is right, check the clock of the identity provider.',
    fixer: 'operator',
  },
  {
    details: /^(certificates|metadata) expires soon$/,
    title: 'A certificate of the identity provider expires soon',
    fix: "Renew the signing certificate at the identity provider, and trust the new one: run `gatehouse connection trust`, or put it into certificates in the tenant's file.",
    fixer: 'tenant admin',
  },
  {
    details: /^(certificate expired|certificates|(certificates|metadata) expired)$/,
    title: 'A certificate of the identity provider has expired',
    fix: "Renew the signing certificate at the identity provider. Then run `gatehouse connection trust`, or put the new certificate into certificates in the tenant's file.",
    fixer: 'tenant admin',
  },
  {
    details: /^our certificate/,
    title: 'The certificate of this connection has expired',
    fix: "Create a new certificate and key, set them in the tenant's file, and upload the certificate at the identity provider.",
    fixer: 'operator',
  },
  {
    details: /^(new certificate|new address|signature of the (Assertion|Response))$/,
    title: 'The identity provider signs with a certificate that is not trusted yet',
    fix: 'Run `gatehouse connection trust`, compare the fingerprints with the administrator of the identity provider, and trust the new certificate.',
    fixer: 'tenant admin',
  },
  {
    details: /^(signature|kid)$/,
    title: 'The identity provider signs with a key that it does not publish',
    fix: 'Check that the keys of the issuer are the current ones, and that no proxy changes or caches them. After a key change at the identity provider, sign in again.',
  },
  {
    details: /^(signature algorithm|digest algorithm|alg)$/,
    title: 'The identity provider signs with an algorithm that is not accepted',
    fix: 'Switch the application at the identity provider to RSA with SHA-256 (RS256).',
  },
  {
    details: /^signature/,
    title: 'The signature of the answer is missing or wrong',
    fix: "Compare the setting signed of the connection with the identity provider's, and check that no proxy changes its answers.",
  },
  {
    details: /^(issuer\b.*|iss\b.*|entity id|entityID of the metadata)$/i,
    title: 'The issuer differs from the configured one',
    fix: "Set issuer (OpenID Connect) or entityId (SAML) in the tenant's file to the value that was received, if it is the right one. Spelling counts, also a slash at the end.",
    fixer: 'operator',
  },
  {
    details: /^(aud|azp|audience|aud of userinfo)$/i,
    title: 'The answer was made for another application',
    fix: "Set the client ID (OpenID Connect) or the entity ID (SAML) to the same value at the identity provider and in the tenant's file.",
  },
  {
    details: /^(Recipient|Destination)$/,
    title: 'The identity provider sends its answer to another address',
    fix: 'Set the ACS URL at the identity provider to the one that `gatehouse connection show` prints: scheme, host and slash count.',
  },
  {
    details: /^InResponseTo/,
    title: "The sign-in began at the identity provider's dashboard",
    fix: "Start at the sign-in page of Gatehouse, or set allowIdpInitiated: true for the connection in the tenant's file.",
  },
  {
    details: /^(email|missing email|email missing)$/,
    title: 'The identity provider sends no email that can be used',
    fix: "Release the email to the application at the identity provider (scope or attribute email), or map the claim that has it with profile: { email: … } in the tenant's file.",
    fixer: 'tenant admin',
  },
  {
    details: /^(acr|amr|AuthnContext|AuthnInstant|auth_time|status NoAuthnContext)$/,
    title: 'The user did not authenticate as strongly as required',
    fix: "Adjust the sign-on policy of the application at the identity provider, or requiredAcr, requiredAmr or requiredAuthnContext in the tenant's file.",
  },
  {
    details: /^(nonce|state|RelayState|first use|replay)$/,
    title: 'The answer belongs to another sign-in, or came twice',
    fix: 'Start the sign-in again from the app. If this happens often, look for a proxy or a browser extension that repeats requests.',
    fixer: 'user',
  },
  {
    details: /^(sub|oid|subject|NameID|format of the NameID|sub of userinfo|status InvalidNameIDPolicy)$/,
    title: 'The identity provider sends no usable ID of the user',
    fix: "Send a persistent ID: a persistent NameID (SAML), or sub as text. integerSubjects and subjectAttribute in the tenant's file accept others.",
  },
  {
    details: /^(tid|hd|domain)$/,
    title: 'The user belongs to an organization that is not allowed',
    fix: "Add the organization to the connection in the tenant's file, if its users may sign in.",
    fixer: 'operator',
  },
  {
    details: /^owner of the identity$/,
    title: 'Another connection signs in this user already',
    fix: 'Use the connection that the trace names, or remove one of two connections to the same issuer.',
  },
  {
    details: /\b(redirect|too large|not JSON|no ID token)$/,
    title: 'The identity provider sent something else than the expected document',
    fix: "Check the addresses in the tenant's file, and that no proxy or sign-in page stands between Gatehouse and the identity provider.",
  },
]
