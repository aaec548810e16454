/** `/admin/users/:id`: all about one user, with what an administrator may do. */
import { Notice } from '../../../pages/form.tsx'
import { Fact, LinkButton, Section } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { capitalized } from '../../../primitives/capitalized.ts'
import { truncate } from '../../../primitives/untrusted-text.ts'
import { attributeNames, attributesOf } from '../../../profile/profile.ts'
import { renderAdminPage } from '../admin-layout.tsx'
import { ConnectedApps, DeveloperSecrets, OwnApps, Tokens } from './credential-sections.tsx'
import { SecondFactors } from './factors-section.tsx'
import { userActionPath } from './paths.ts'
import { Sessions, SignIns } from './sign-ins-section.tsx'
import { statusOf, userName } from './user-names.ts'
import type { UserSectionProps } from './user-section-props.ts'
import { Events, Roles, SignInMethods } from './user-sections.tsx'

export interface UserPageProps extends UserSectionProps {
  readonly notice?: string | undefined
}

export function userPage({ notice, ...props }: UserPageProps): string {
  const { by, record } = props
  const { user } = record
  return renderAdminPage({
    section: 'users',
    title: userName(user),
    by,
    tenant: user.tenant,
    children: (
      <>
        <Notice text={notice} />
        <Summary {...props} />
        {user.kind !== 'service' && <SignIns {...props} />}
        <Profile {...props} />
        {user.kind !== 'service' && <SignInMethods {...props} />}
        {user.kind !== 'service' && <SecondFactors {...props} />}
        {user.kind !== 'service' && <Sessions {...props} />}
        <Tokens {...props} />
        <Roles {...props} />
        {user.kind !== 'service' && <ConnectedApps {...props} />}
        {user.kind !== 'service' && <DeveloperSecrets {...props} />}
        <OwnApps {...props} />
        <Events {...props} />
      </>
    ),
  })
}

function Summary({ by, record, mayChange, isTenantRemoved }: UserSectionProps) {
  const { user, passwordEmail, deletionDueAt } = record
  const { label, state } = statusOf(user)
  const action = (name: string, text: string) => <LinkButton href={userActionPath(user.id, name)} label={text} quiet />
  return (
    <Section id="summary" title="Summary">
      <dl>
        <Fact label="Status">
          <span class={`state ${state}`}>{label}</span>
          {user.status === 'revoked' && ' An identity provider ended the access. A sign-in there restores it.'}
          {user.kind === 'service' && ' Service account: no person signs in as it.'}
        </Fact>
        {isTenantRemoved && (
          <Fact label="Tenant">
            <span class="state down">Removed</span> The configuration has no tenant <code>{user.tenant}</code> any more:
            sign-ins, sessions and tokens of this user are rejected. An operator can restore the tenant's file, or
            delete the user: <code>{`gatehouse users delete ${user.tenant} ${user.id}`}</code>
          </Fact>
        )}
        {deletionDueAt !== undefined && (
          <Fact label="Deletion">
            <span class="state degraded">Requested</span> The user asked for it and can cancel it until{' '}
            <Time at={deletionDueAt} />.
          </Fact>
        )}
        <Fact label="ID">
          <code>{user.id}</code>
        </Fact>
        <Fact label="Created">
          <Time at={user.createdAt} />
        </Fact>
      </dl>
      {!mayChange && <p class="small">This user is an operator. Only an operator may change them.</p>}
      {mayChange && (
        <div class="actions">
          {user.status === 'blocked' && action('unblock', 'Unblock')}
          {user.status === 'revoked' && action('unblock', 'Restore access')}
          {user.status !== 'blocked' && user.id !== by.session.userId && action('block', 'Block')}
          {passwordEmail !== undefined && action('password/reset', 'Reset password')}
        </div>
      )}
    </Section>
  )
}

const maxValueLength = 300

function Profile({ record, labelOf }: UserSectionProps) {
  const { profile, emailProven } = record.user
  const shown = attributesOf(profile).filter((attribute) => attribute !== 'pictureUrl')
  const sourceOf = (attribute: (typeof shown)[number]) => profile.sources?.[attribute]
  return (
    <Section id="profile" title="Profile">
      {shown.length === 0 ? (
        <p class="small">The profile is empty.</p>
      ) : (
        <dl>
          {shown.map((attribute) => {
            const source = sourceOf(attribute)
            return (
              <Fact key={attribute} label={capitalized(attributeNames[attribute])}>
                {valueText(profile[attribute])}
                {attribute === 'email' && (
                  <EmailBadge proven={emailProven} verified={profile.email?.verified === true} />
                )}
                {source !== undefined && <span class="small"> from {labelOf(source)}</span>}
              </Fact>
            )
          })}
        </dl>
      )}
    </Section>
  )
}

function EmailBadge({ proven, verified }: { readonly proven: boolean; readonly verified: boolean }) {
  const text = proven ? 'Verified' : verified ? 'Not verified, except by the identity provider' : 'Not verified'
  return (
    <>
      {' '}
      <span class="badge">{text}</span>
    </>
  )
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return truncate(value.join(', '), maxValueLength)
  if (typeof value !== 'object' || value === null) return truncate(String(value), maxValueLength)
  const named = 'address' in value ? value.address : 'number' in value ? value.number : ''
  return truncate(String(named), maxValueLength)
}
