/** Notices about the recovery of accounts. */
import { ButtonLink, Facts, Paragraph } from '../blocks.tsx'
import type { Content } from '../compose.tsx'
import { formatMinutes, nothingToDo, timeText } from '../words.ts'
import { cancelOrCheck, checkButton, type EventOf, type NoticeContext, occurrence, undoOrWarning } from './parts.tsx'

export function recoveryRequested(event: EventOf<'recovery requested'>, context: NoticeContext): Content {
  const { effectiveAt, completeLink, cancelLink } = event
  const start = `From ${timeText(effectiveAt)} on, this recovery can replace your second factors.`
  return {
    subject: `Someone asked to recover your account at ${context.tenant}`,
    body: (
      <>
        <Paragraph>{completeLink === undefined ? `${start} ${nothingToDo}` : start}</Paragraph>
        <Facts rows={occurrence(event)} />
        {completeLink !== undefined && (
          <>
            <Paragraph>
              If this was you, keep this email. After that time, open this link to remove your second factors, and set
              up new ones:
            </Paragraph>
            <ButtonLink link={completeLink} label="Complete the recovery" />
          </>
        )}
        {cancelOrCheck(cancelLink, "If this wasn't you, cancel it now:", 'Cancel the recovery', context)}
      </>
    ),
  }
}

export function recoveryConfirmation(
  { link, minutes }: EventOf<'recovery confirmation'>,
  context: NoticeContext,
): Content {
  return {
    subject: `Confirm the recovery of your account at ${context.tenant}`,
    body: (
      <>
        <Paragraph>
          You said that you lost your second factors. Confirm within {formatMinutes(minutes)} that this was you:
        </Paragraph>
        <ButtonLink link={link} label="Confirm the recovery" />
        <Paragraph>If this was not you, someone else knows how to sign in as you. Change your password:</Paragraph>
        {checkButton(context)}
      </>
    ),
  }
}

export function recoveryCanceled(context: NoticeContext): Content {
  return {
    subject: `The recovery of your account at ${context.tenant} was canceled`,
    body: (
      <>
        <Paragraph>Your second factors have not changed.</Paragraph>
        {checkButton(context)}
      </>
    ),
  }
}

export function recoveryCompleted({ undoLink }: EventOf<'recovery completed'>, context: NoticeContext): Content {
  return {
    subject: `Your account at ${context.tenant} was recovered`,
    body: (
      <>
        <Paragraph>Your second factors were removed by account recovery. {nothingToDo}</Paragraph>
        {undoOrWarning(undoLink, context)}
      </>
    ),
  }
}
