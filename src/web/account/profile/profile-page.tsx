/** `/account`: the attributes of the user, their sources, and the changes that are possible. */

import { ActionForm } from '../../../pages/form.tsx'
import { Monogram, safeHref } from '../../../pages/layout.tsx'
import { Fact, Labelled, LinkButton, Section } from '../../../pages/parts.tsx'
import { SecretValue } from '../../../pages/secret-value.tsx'
import { roleLabel } from '../../../pages/site/role-label.ts'
import { Time } from '../../../pages/time.tsx'
import type { Attribute, Profile } from '../../../profile/profile.ts'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { deletionPath, keepPath } from '../deletion/paths.ts'

/** Source of an attribute. */
export type AttributeSource =
  /** The user set it here. */
  | { readonly kind: 'user' }
  /** `at`: when the connection signed the user in last; undefined for one that is gone. */
  | { readonly kind: 'connection'; readonly label: string; readonly at: Date | undefined }

export interface ShownAttribute {
  readonly attribute: Attribute
  readonly text: string
  readonly source?: AttributeSource | undefined
}

export interface ProfilePageProps {
  readonly viewer: AccountViewer
  readonly userId: string
  /** Its picture is never loaded: a third party would learn of every visit. */
  readonly profile: Pick<Profile, 'name' | 'email' | 'groups'>
  /** Attributes without name, email, groups and roles. */
  readonly attributes: readonly ShownAttribute[]
  readonly nameSource?: AttributeSource | undefined
  readonly emailSource?: AttributeSource | undefined
  /** Gatehouse roles without `member`. */
  readonly roles: readonly string[]
  /** Set where the user can prove the email. */
  readonly verifyHref?: string | undefined
  /** When the account is deleted, as the user asked. */
  readonly deletionDueAt?: Date | undefined
  readonly notice?: string | undefined
  readonly now: Date
}

export function profilePage(props: ProfilePageProps): string {
  const { viewer, userId, profile, attributes, nameSource, emailSource, roles, verifyHref, deletionDueAt } = props
  const { notice, now } = props
  const { name, email, groups = [] } = profile
  return accountLayout({
    section: 'profile',
    viewer,
    notice,
    children: (
      <>
        {deletionDueAt !== undefined && (
          <div class="message error">
            <p>
              <strong>Your account will be deleted</strong> on <Time at={deletionDueAt} />, as you asked.
            </p>
            <ActionForm action={keepPath} label="Keep my account" />
          </div>
        )}
        <section class="card">
          <div class="person">
            <Monogram text={name ?? email?.address ?? viewer.tenant.name} />
            <div>
              <h2>{name ?? email?.address ?? 'Signed in'}</h2>
              <p class="small">{viewer.tenant.name}</p>
            </div>
            <LinkButton href="/account/name" label="Edit name" quiet />
          </div>
          <dl>
            <Fact label="Name">
              {name ?? 'Not known'} <Source source={nameSource} now={now} />
            </Fact>
            <Fact label="Email">
              {email === undefined ? (
                'None. Apps get no email address of you.'
              ) : (
                <>
                  {email.address} <span class="badge">{email.verified ? 'Verified' : 'Not verified'}</span>{' '}
                  {verifyHref !== undefined && (
                    <a href={safeHref(verifyHref)}>
                      <Labelled label="Verify" object="this email address" />
                    </a>
                  )}{' '}
                  <Source source={emailSource} now={now} />
                </>
              )}
            </Fact>
            {attributes.map(({ attribute, text, source }) => (
              <Fact key={attribute} label={attributeLabels[attribute]}>
                {text} <Source source={source} now={now} />
              </Fact>
            ))}
            <Fact label="Groups">{groups.length === 0 ? 'None' : <Names names={groups} />}</Fact>
            <Fact label="Roles">{['member', ...roles].map(roleLabel).join(', ')}</Fact>
            <Fact label="User ID">
              <SecretValue id="user-id" label="your user ID" text={userId} />
            </Fact>
          </dl>
          <p class="small">Apps that you sign in to see your name and email as they are here.</p>
        </section>
        <Section id="data" title="Your data">
          <p class="small">A file with everything that is stored about you here, without secrets.</p>
          <div class="actions">
            <LinkButton href="/account/data" label="Download my data" quiet download />
            {deletionDueAt === undefined && <LinkButton href={deletionPath} label="Delete my account" quiet danger />}
          </div>
        </Section>
      </>
    ),
  })
}

export const attributeLabels: Readonly<Record<Attribute, string>> = {
  email: 'Email',
  name: 'Name',
  givenName: 'Given name',
  familyName: 'Family name',
  middleName: 'Middle name',
  nickname: 'Nickname',
  pictureUrl: 'Picture',
  locale: 'Language',
  zoneinfo: 'Time zone',
  preferredUsername: 'User name',
  profileUrl: 'Profile page',
  website: 'Website',
  gender: 'Gender',
  birthdate: 'Date of birth',
  updatedAt: 'Last changed',
  phone: 'Phone',
  organization: 'Organization',
  groups: 'Groups',
  roles: 'Roles',
}

function Source({ source, now }: { readonly source: AttributeSource | undefined; readonly now: Date }) {
  if (source === undefined) return null
  return (
    <span class="source small">
      {source.kind === 'user' ? (
        'set by you'
      ) : (
        <>
          from {source.label}
          {source.at !== undefined && (
            <>
              , <Time at={source.at} now={now} />
            </>
          )}
        </>
      )}
    </span>
  )
}

const namesShownAtOnce = 8

function Names({ names }: { readonly names: readonly string[] }) {
  const rest = names.slice(namesShownAtOnce)
  return (
    <>
      {names.slice(0, namesShownAtOnce).join(', ')}
      {rest.length > 0 && (
        <details>
          <summary>and {rest.length} more</summary>
          {rest.join(', ')}
        </details>
      )}
    </>
  )
}
