/** Notices about passwords, authenticators and recovery codes. */
import { Paragraph } from '../blocks.tsx'
import type { Content } from '../compose.tsx'
import { nothingToDo, singleLine } from '../words.ts'
import { checkButton, type EventOf, type NoticeContext, undoOrWarning, warning } from './parts.tsx'

export function authenticatorChanged(
  event: EventOf<'authenticator added' | 'authenticator removed'>,
  context: NoticeContext,
): Content {
  const { kind, method = 'authenticator', undoLink } = event
  const verb = kind === 'authenticator added' ? 'added' : 'removed'
  const name = singleLine(event.name)
  const isNamed = name !== '' && name.toLowerCase() !== method
  return {
    subject: `${method === 'passkey' ? 'A' : 'An'} ${method} was ${verb} for ${context.tenant}`,
    body: (
      <>
        <Paragraph>
          {isNamed ? (
            <>
              The {method} <strong>{name}</strong>
            </>
          ) : (
            `${method === 'passkey' ? 'A' : 'An'} ${method}`
          )}{' '}
          was {verb}. {nothingToDo}
        </Paragraph>
        {undoOrWarning(undoLink, context)}
      </>
    ),
  }
}

export function passkeyCloned({ name }: EventOf<'passkey cloned'>, context: NoticeContext): Content {
  return {
    subject: `A passkey for ${context.tenant} may have been copied`,
    body: (
      <>
        <Paragraph>
          A sign-in with the passkey <strong>{singleLine(name)}</strong> was refused: its counter shows that there may
          be a copy.
        </Paragraph>
        <Paragraph>Remove this passkey, and create a new one:</Paragraph>
        {checkButton(context)}
      </>
    ),
  }
}

type RecoveryCodesEvent = EventOf<'recovery codes created' | 'recovery codes replaced'>

export function recoveryCodesCreated({ undoLink }: RecoveryCodesEvent, context: NoticeContext): Content {
  return {
    subject: `Recovery codes for ${context.tenant} were created`,
    body: (
      <>
        <Paragraph>
          You created recovery codes: sign in with one if you lose your second factor. Keep them in a safe place.{' '}
          {nothingToDo}
        </Paragraph>
        {undoOrWarning(undoLink, context)}
      </>
    ),
  }
}

export function recoveryCodesReplaced({ undoLink }: RecoveryCodesEvent, context: NoticeContext): Content {
  return {
    subject: `Your recovery codes for ${context.tenant} were replaced`,
    body: (
      <>
        <Paragraph>New recovery codes were created. Your earlier codes no longer work. {nothingToDo}</Paragraph>
        {undoOrWarning(undoLink, context)}
      </>
    ),
  }
}

export function recoveryCodeUsed({ left }: EventOf<'recovery code used'>, context: NoticeContext): Content {
  return {
    subject: `A recovery code for ${context.tenant} was used`,
    body: (
      <>
        <Paragraph>
          A recovery code was used to sign in. Codes left: {left}. {nothingToDo}
        </Paragraph>
        {warning(context)}
      </>
    ),
  }
}

export function passwordChanged(context: NoticeContext): Content {
  return {
    subject: `Your password for ${context.tenant} was changed`,
    body: (
      <>
        <Paragraph>Your password was changed on your account page. {nothingToDo}</Paragraph>
        {warning(context)}
      </>
    ),
  }
}

export function factorsReset(context: NoticeContext): Content {
  return {
    subject: `Your second factors for ${context.tenant} were reset`,
    body: (
      <>
        <Paragraph>
          An administrator removed your passkeys, authenticator apps and recovery codes. Add new ones after your next
          sign-in.
        </Paragraph>
        <Paragraph>If you did not ask for this, tell your administrator and check your account:</Paragraph>
        {checkButton(context)}
      </>
    ),
  }
}

export function changeUndone({ change }: EventOf<'change undone'>, context: NoticeContext): Content {
  return {
    subject: `A change of your second factors for ${context.tenant} was undone`,
    body: (
      <>
        <Paragraph>
          A link in one of our emails was used to undo a change: {singleLine(change)}. All sessions have ended.
        </Paragraph>
        <Paragraph>If this was not you, sign in, check your second factors and change your password:</Paragraph>
        {checkButton(context)}
      </>
    ),
  }
}
