/**
 * The scopes of OpenID Connect (OIDC Core 5.4): their text for users and their claims. Scopes of
 * APIs are in gatehouse.yaml.
 */
interface IdentityScope {
  /** Ends "It will …" on the consent page. */
  readonly sentence: string
  readonly claims: readonly string[]
}

export const identityScopes = {
  openid: { sentence: 'recognize you when you return', claims: ['sub', 'tenant'] },
  profile: {
    sentence: 'see your name, user name, picture, web pages, gender, date of birth, language and time zone',
    claims: [
      'name',
      'given_name',
      'family_name',
      'middle_name',
      'nickname',
      'preferred_username',
      'picture',
      'profile',
      'website',
      'gender',
      'birthdate',
      'locale',
      'zoneinfo',
      'updated_at',
    ],
  },
  email: { sentence: 'see your email address', claims: ['email', 'email_verified'] },
  phone: { sentence: 'see your phone number', claims: ['phone_number', 'phone_number_verified'] },
  groups: { sentence: 'see which groups you are in', claims: ['groups'] },
  roles: { sentence: 'see which roles you have', claims: ['roles'] },
  organization: { sentence: 'see the organization you belong to', claims: ['organization'] },
  offline_access: { sentence: "keep access when you're not using the app, until you remove it", claims: [] },
} as const satisfies Readonly<Record<string, IdentityScope>>

export const identityScopeNames: readonly string[] = Object.keys(identityScopes)

export function claimsOfScopes(scopes: readonly string[]): ReadonlySet<string> {
  const given = Object.entries(identityScopes).filter(([scope]) => scopes.includes(scope))
  return new Set(given.flatMap(([, { claims }]) => claims))
}
