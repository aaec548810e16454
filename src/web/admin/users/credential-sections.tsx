/** Sections of a user's page: what programs use in their name. */
import { isLiveToken } from '../../../broker/tokens/check-token.ts'
import type { ListedToken } from '../../../broker/tokens/own-tokens.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { Paging, pageOf } from '../../../pages/paging.tsx'
import { LinkButton, Section } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { truncate } from '../../../primitives/untrusted-text.ts'
import { TokenUse } from '../../account/developer-settings/token-list.tsx'
import { AppState } from '../apps/apps-page.tsx'
import { appHref } from '../apps/paths.ts'
import { QuietLink } from './action-link.tsx'
import { userActionPath, userPath } from './paths.ts'
import { shownItems, type UserSectionProps } from './user-section-props.ts'

const listFormat = new Intl.ListFormat('en', { type: 'conjunction' })

export function Tokens({ record: { user, tokens }, mayChange, tokensPage, now }: UserSectionProps) {
  const page = pageOf(tokens, tokensPage, shownItems)
  return (
    <Section id="tokens" title="API tokens">
      {tokens.length === 0 ? (
        <p class="small">None.</p>
      ) : (
        <ul class="sessions tokens">
          {page.items.map((token) => (
            <li key={token.id}>
              <div>
                <h3>
                  {token.name} <TokenState token={token} now={now} />
                </h3>
                <p class="small">
                  <TokenUse token={token} now={now} />
                </p>
                <p class="small">
                  Created <Time at={token.createdAt} />, {token.endsAt === undefined ? 'expires' : 'ends'}{' '}
                  <Time at={token.endsAt ?? token.expiresAt} />
                </p>
                <p class="small">
                  {token.scopes === undefined ? 'All permissions of the user' : truncate(token.scopes.join(', '), 300)}
                  {token.ranges.length > 0 && `; only from ${truncate(token.ranges.join(', '), 300)}`}
                </p>
              </div>
              {mayChange && (
                <QuietLink
                  href={userActionPath(user.id, 'tokens/:item/revoke', token.id)}
                  label="Revoke"
                  object={`the token ${token.name}`}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      <Paging page={page} label="API tokens" hrefOf={(number) => `${userPath(user.id)}?tokens=${number}#tokens`} />
      {mayChange && tokens.length > 0 && (
        <LinkButton href={userActionPath(user.id, 'tokens/revoke')} label="Revoke all API tokens" quiet />
      )}
    </Section>
  )
}

function TokenState({ token, now }: { readonly token: ListedToken; readonly now: Date }) {
  if (token.suspendedAt !== undefined) return <span class="badge warning">Suspended</span>
  if (token.replacedBy !== undefined) return <span class="badge warning">Replaced</span>
  if (!isLiveToken(token, now)) return <span class="badge warning">Ended</span>
  return token.stale ? <span class="badge warning">Unused for 90 days</span> : null
}

export function DeveloperSecrets({ record: { secrets }, now }: UserSectionProps) {
  return (
    <Section id="secret" title="Developer's client secret">
      {secrets.length === 0 ? (
        <p class="small">None.</p>
      ) : (
        <ul class="sessions">
          {secrets.map(({ id, createdAt, expiresAt, lastUsedAt }) => (
            <li key={id}>
              <p>
                Created <Time at={createdAt} />,{' '}
                {lastUsedAt === undefined ? (
                  'not used yet'
                ) : (
                  <>
                    last used <Time at={lastUsedAt} now={now} />
                  </>
                )}
                {expiresAt !== undefined && (
                  <>
                    , ends <Time at={expiresAt} />
                  </>
                )}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

export function ConnectedApps({ record: { user, connectedApps }, mayChange, now }: UserSectionProps) {
  return (
    <Section id="connected-apps" title="Apps with access to this user">
      {connectedApps.length === 0 ? (
        <p class="small">None.</p>
      ) : (
        <ul class="sessions">
          {connectedApps.map((app) => (
            <li key={app.appId}>
              <div>
                <h3>
                  <a href={safeHref(appHref(app.appId))}>{truncate(app.name, 80)}</a>
                </h3>
                <p class="small">It can {listFormat.format(app.sentences)}.</p>
                <p class="small">
                  {app.firstParty ? 'Of the organization, first used ' : 'Access granted '}
                  <Time at={app.firstGrantedAt} now={now} />
                </p>
              </div>
              {mayChange && (
                <QuietLink
                  href={userActionPath(user.id, 'consents/:item/revoke', app.appId)}
                  label="Revoke"
                  object={`the access of ${truncate(app.name, 80)}`}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

export function OwnApps({ record: { ownApps } }: UserSectionProps) {
  if (ownApps.length === 0) return null
  return (
    <Section id="own-apps" title="Apps that this user registered">
      <ul>
        {ownApps.map(({ id, name, disabled }) => (
          <li key={id}>
            <a href={safeHref(appHref(id))}>{truncate(name, 80)}</a>{' '}
            {disabled !== undefined && <AppState disabled={disabled} />}
          </li>
        ))}
      </ul>
    </Section>
  )
}
