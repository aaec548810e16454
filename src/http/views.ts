/** JSON of sessions, users and profiles, with the claim names of OIDC Core 5.1. */
import type { User, UserIdentity } from '../broker/ports/users.ts'
import { endsAt, type Session } from '../broker/session/session.ts'
import { attributeNames, attributesOf, displayName, type Profile, type UserProfile } from '../profile/profile.ts'
import { isoTime } from './iso-time.ts'

export function profileView(profile: Profile) {
  return {
    email: profile.email?.address,
    email_verified: profile.email?.verified,
    name: profile.name,
    given_name: profile.givenName,
    family_name: profile.familyName,
    middle_name: profile.middleName,
    nickname: profile.nickname,
    picture: profile.pictureUrl,
    locale: profile.locale,
    zoneinfo: profile.zoneinfo,
    preferred_username: profile.preferredUsername,
    profile: profile.profileUrl,
    website: profile.website,
    gender: profile.gender,
    birthdate: profile.birthdate,
    updated_at: profile.updatedAt,
    phone_number: profile.phone?.number,
    phone_number_verified: profile.phone?.verified,
    organization: profile.organization,
    groups: profile.groups,
    roles: profile.roles,
  }
}

/** Attribute → the connection that supplied it. */
export function sourcesView({ sources = {} }: UserProfile) {
  const named = attributesOf(sources).map((attribute) => [attributeNames[attribute], sources[attribute]])
  return Object.fromEntries(named)
}

export const signedInOf = ({ profile }: Pick<Session, 'profile'>) => ({ name: displayName(profile) ?? 'a user' })

/** Times as text: `JSON.stringify` of a Date costs twice as much in the session check. */
export function sessionView(session: Session) {
  return {
    id: session.id,
    tenant: session.tenant,
    user: { id: session.userId },
    profile: profileView(session.profile),
    authenticated: {
      connection: session.connection,
      kind: session.kind,
      at: isoTime(session.authenticatedAt),
      acr: session.acr,
      amr: session.amr,
    },
    device: session.device,
    apiToken: session.apiToken,
    createdAt: isoTime(session.createdAt),
    lastSeenAt: isoTime(session.lastSeenAt),
    idleExpiresAt: isoTime(endsAt(session)),
    expiresAt: isoTime(session.expiresAt),
  }
}

/** @param profile as visible to the caller's session (broker/session/permissions.ts) */
export function userView(user: User, identities: readonly UserIdentity[], profile: Profile) {
  return {
    id: user.id,
    tenant: user.tenant,
    profile: profileView(profile),
    sources: sourcesView(user.profile),
    createdAt: isoTime(user.createdAt),
    identities: identities.map(({ connection, issuer, subject, lastLoginAt }) => ({
      connection,
      issuer,
      subject,
      lastLoginAt: isoTime(lastLoginAt),
    })),
  }
}
