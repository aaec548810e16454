/** Notices about the deletion of accounts. */
import { Facts, Paragraph } from '../blocks.tsx'
import type { Content } from '../compose.tsx'
import { nothingToDo, timeText } from '../words.ts'
import { cancelOrCheck, type EventOf, type NoticeContext, occurrence, warning } from './parts.tsx'

export function deletionRequested(event: EventOf<'deletion requested'>, context: NoticeContext): Content {
  return {
    subject: `Your account at ${context.tenant} will be deleted`,
    body: (
      <>
        <Paragraph>Your account and its sign-in methods will be deleted on {timeText(event.effectiveAt)}.</Paragraph>
        <Facts rows={occurrence(event)} />
        {cancelOrCheck(event.cancelLink, 'To keep your account, cancel the deletion:', 'Keep my account', context)}
      </>
    ),
  }
}

export function deletionCanceled(context: NoticeContext): Content {
  return {
    subject: `Your account at ${context.tenant} will not be deleted`,
    body: (
      <>
        <Paragraph>The deletion was canceled. Your account stays as it is. {nothingToDo}</Paragraph>
        {warning(context)}
      </>
    ),
  }
}

export function deletionDone({ tenant }: NoticeContext): Content {
  return {
    subject: `Your account at ${tenant} was deleted`,
    body: (
      <Paragraph>
        Your account, its sign-in methods and its tokens were deleted. We send no further emails about it.
      </Paragraph>
    ),
  }
}
