/** Sections of a user's page: how they sign in, their roles, what happened. */
import { assignedRoles } from '../../../broker/access/permission.ts'
import type { GrantedRole, RoleSource } from '../../../broker/access/roles-of.ts'
import { auditActions } from '../../../broker/audit/actions.ts'
import type { UserIdentity } from '../../../broker/ports/users.ts'
import { Aside, CodeText, LinkButton, Section } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { roleLabel } from '../../../pages/site/role-label.ts'
import { Time } from '../../../pages/time.tsx'
import { truncate } from '../../../primitives/untrusted-text.ts'
import { PartyText, partyOf } from '../audit/party.tsx'
import { QuietLink } from './action-link.tsx'
import { auditHref, userActionPath } from './paths.ts'
import type { UserSectionProps } from './user-section-props.ts'

export function SignInMethods({ record: { identities }, labelOf, isConnectionRemoved, now }: UserSectionProps) {
  return (
    <Section id="methods" title="Sign-in methods">
      {identities.length === 0 ? (
        <p class="small">None: this user cannot sign in.</p>
      ) : (
        <Scroll label="Table of sign-in methods">
          <table class="records">
            <thead>
              <tr>
                <th scope="col">Connection</th>
                <th scope="col">Known there as</th>
                <th scope="col">Issuer</th>
                <th scope="col">Last sign-in</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {identities.map((identity) => (
                <tr key={`${identity.issuer} ${identity.subject}`}>
                  <th scope="row">{labelOf(identity.connection)}</th>
                  <td data-label="Known there as">{knownAs(identity)}</td>
                  <td data-label="Issuer">{truncate(identity.issuer, 100)}</td>
                  <td data-label="Last sign-in">
                    <Time at={identity.lastLoginAt} now={now} />
                  </td>
                  <td data-label="State">
                    <MethodState identity={identity} isRemoved={isConnectionRemoved(identity.connection)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  )
}

function MethodState({ identity, isRemoved }: { readonly identity: UserIdentity; readonly isRemoved: boolean }) {
  if (isRemoved)
    return (
      <>
        <span class="state down">Removed</span> The configuration has no connection {identity.connection} any more. An
        operator can restore it.
      </>
    )
  if (identity.suspendedAt === undefined) return <>Works</>
  return (
    <>
      <span class="state degraded">Suspended</span> since <Time at={identity.suspendedAt} />, until the user confirms it
    </>
  )
}

const knownAs = ({ profile: { email, name }, subject }: UserIdentity) =>
  truncate(email?.address ?? name ?? subject, 100)

export function Roles({ record: { user, roles, assignments }, mayChange, labelOf, people }: UserSectionProps) {
  // roles that everyone has by access: need no assignment
  const held = [
    ...assignments.map(({ role }) => role),
    ...roles.flatMap(({ role, source }) => (source.kind === 'everyone' ? [role] : [])),
  ]
  return (
    <Section id="roles" title="Roles">
      {roles.length === 0 && (
        <p class="small">None: the user cannot sign in now. Assigned roles apply again once they can.</p>
      )}
      <ul class="sessions">
        {roles.map((granted) => (
          <li key={`${granted.role} ${sourceText(granted.source, labelOf)}`}>
            <div>
              <h3>{roleLabel(granted.role)}</h3>
              <p class="small">
                <Source granted={granted} text={sourceText(granted.source, labelOf)} people={people} />
              </p>
            </div>
            {mayChange && granted.source.kind === 'assignment' && granted.role !== 'operator' && (
              <QuietLink
                href={userActionPath(user.id, 'roles/:item/remove', granted.role)}
                label="Remove"
                object={`the role ${granted.role}`}
              />
            )}
          </li>
        ))}
      </ul>
      {mayChange && (
        <div class="actions">
          {assignedRoles
            .filter((role) => role !== 'operator' && !held.includes(role))
            .map((role) => (
              <LinkButton
                key={role}
                href={userActionPath(user.id, 'roles/:item/assign', role)}
                label={`Make ${role}`}
                quiet
              />
            ))}
        </div>
      )}
    </Section>
  )
}

interface SourceProps extends Pick<UserSectionProps, 'people'> {
  readonly granted: GrantedRole
  readonly text: string
}

function Source({ granted: { role, source }, text, people }: SourceProps) {
  if (source.kind !== 'assignment') return <>{text}</>
  return (
    <>
      {text} by {source.by === 'cli' ? 'the command line' : <PartyText party={partyOf(source.by, people)} />} on{' '}
      <Time at={source.at} />
      {role === 'operator' && '. Only the command line removes it.'}
    </>
  )
}

function sourceText(source: RoleSource, labelOf: (connection: string) => string): string {
  switch (source.kind) {
    case 'default':
      return 'Every user has it'
    case 'everyone':
      return "Everyone has it, by access: in the tenant's file"
    case 'email':
      return `By access: in the tenant's file, for ${source.email}`
    case 'group':
      return `By access: in the tenant's file, for the group ${truncate(source.group, 100)} of ${labelOf(source.connection)}`
    case 'assignment':
      return 'Assigned'
    default:
      return source satisfies never
  }
}

export function Events({ record: { user, events }, people }: UserSectionProps) {
  return (
    <Section id="events" title="Latest audit events">
      {events.length === 0 ? (
        <p class="small">None.</p>
      ) : (
        <Scroll label="Table of audit events">
          <table class="records">
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Action</th>
                <th scope="col">By</th>
                <th scope="col">What it means</th>
              </tr>
            </thead>
            <tbody>
              {events.map(({ id, at, action, actor }) => (
                <tr key={id}>
                  <td>
                    <Time at={at} />
                  </td>
                  <th scope="row">{action}</th>
                  <td data-label="By">
                    {actor === user.id ? 'the user' : <PartyText party={partyOf(actor, people)} />}
                  </td>
                  <td class="small">
                    <CodeText text={meaningOf(action)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <Aside href={auditHref(user)} label="All audit events of this user" />
    </Section>
  )
}

const meaningOf = (action: string) => Object.entries(auditActions).find(([name]) => name === action)?.[1] ?? ''
