/** The API tokens of the user, each with its badges and actions. */
import type { ApiToken } from '../../../broker/ports/api-tokens.ts'
import { ActionForm } from '../../../pages/form.tsx'
import { IconLegend, IconLink } from '../../../pages/icons.tsx'
import { Paging, pageOf } from '../../../pages/paging.tsx'
import { Time } from '../../../pages/time.tsx'
import { settingsPath, tokenPath } from './paths.ts'
import { scopeText } from './token-scopes.ts'

export interface PageToken extends Omit<ApiToken, 'tenant' | 'userId'> {
  /** Badges for the owner, such as "expires soon". */
  readonly badges: readonly string[]
}

interface TokenListProps {
  readonly tokens: readonly PageToken[]
  /** Page of the list, from 1. */
  readonly pageNumber: number
  readonly now: Date
}

export function TokenList({ tokens, pageNumber, now }: TokenListProps) {
  if (tokens.length === 0) return <p class="small">You have no API tokens.</p>
  const page = pageOf(tokens, pageNumber)
  return (
    <>
      <ul class="sessions tokens">
        {page.items.map((token) => (
          <TokenRow key={token.id} token={token} now={now} />
        ))}
      </ul>
      <IconLegend entries={legend} />
      <Paging page={page} label="API tokens" hrefOf={(number) => `${settingsPath}?page=${number}#tokens`} />
    </>
  )
}

const legend = [
  { icon: 'refresh', text: 'Rotate: replaces the token with a new one' },
  { icon: 'bin', text: 'Revoke: ends the token at once' },
] as const

interface TokenRowProps extends Pick<TokenListProps, 'now'> {
  readonly token: PageToken
}

function TokenRow({ token, now }: TokenRowProps) {
  const { id, name, createdAt, expiresAt, endsAt, badges, replacedBy, suspendedAt } = token
  return (
    <li>
      <div>
        <h3>
          {name}
          {badges.map((badge) => (
            <>
              {' '}
              <span class="badge warning">{badge}</span>
            </>
          ))}
        </h3>
        <p class="small">
          <TokenUse token={token} now={now} />
        </p>
        <p class="small">
          <span class="whole">
            Created <Time at={createdAt} />,
          </span>{' '}
          <span class="whole">
            {endsAt === undefined ? 'expires' : 'ends'} <Time at={endsAt ?? expiresAt} />
          </span>
        </p>
        <Limits {...token} />
        {suspendedAt !== undefined && (
          <p class="small">Suspended because your password changed. Confirm it if it is yours.</p>
        )}
      </div>
      <div class="actions">
        {suspendedAt !== undefined && <ActionForm action={tokenPath(id, 'confirm')} label="Confirm" object={name} />}
        {suspendedAt === undefined && replacedBy === undefined && (
          <IconLink icon="refresh" href={tokenPath(id, 'rotate')} label="Rotate" object={name} />
        )}
        <IconLink icon="bin" href={tokenPath(id, 'revoke')} label="Revoke" object={name} />
      </div>
    </li>
  )
}

export function TokenUse({
  token: { lastUse },
  now,
}: {
  readonly token: Pick<ApiToken, 'lastUse'>
  readonly now: Date
}) {
  if (lastUse === undefined) return <>Not used yet</>
  const { at, address, agent } = lastUse
  return (
    <>
      Last used <Time at={at} now={now} />
      {address !== undefined && ` from ${address}`}
      {agent !== undefined && ` by ${agent}`}
    </>
  )
}

/** Narrower than its user: permissions, and the addresses of its clients. */
function Limits({ scopes, ranges }: Pick<ApiToken, 'scopes' | 'ranges'>) {
  return (
    <>
      {scopes === undefined ? (
        <p class="small">All your permissions</p>
      ) : (
        <details class="small">
          <summary>{scopes.length === 1 ? '1 permission' : `${scopes.length} permissions`}</summary>
          <ul class="limits">
            {scopes.map((scope) => (
              <li key={scope}>{scopeText(scope)}</li>
            ))}
          </ul>
        </details>
      )}
      {ranges.length > 0 && <p class="small">Only from {ranges.join(', ')}</p>}
    </>
  )
}
