/** Emails about the security of an account, such as a new device or an added passkey. */
import type { Mail } from '../../../broker/ports/durable.ts'
import type { SecurityEvent, SecurityNotice } from '../../../broker/ports/security-events.ts'
import { type Content, compose } from '../compose.tsx'
import { singleLine } from '../words.ts'
import { deletionCanceled, deletionDone, deletionRequested } from './deletion.tsx'
import {
  authenticatorChanged,
  changeUndone,
  factorsReset,
  passkeyCloned,
  passwordChanged,
  recoveryCodesCreated,
  recoveryCodesReplaced,
  recoveryCodeUsed,
} from './factors.tsx'
import type { NoticeContext } from './parts.tsx'
import { recoveryCanceled, recoveryCompleted, recoveryConfirmation, recoveryRequested } from './recovery.tsx'
import { breakGlassUsed, newDevice } from './sign-ins.tsx'

export function securityNotice(message: SecurityNotice): Mail {
  return compose(message, contentOf(message.event, { tenant: singleLine(message.tenantName), link: message.link }))
}

function contentOf(event: SecurityEvent, context: NoticeContext): Content {
  switch (event.kind) {
    case 'authenticator added':
    case 'authenticator removed':
      return authenticatorChanged(event, context)
    case 'passkey cloned':
      return passkeyCloned(event, context)
    case 'recovery codes created':
      return recoveryCodesCreated(event, context)
    case 'recovery codes replaced':
      return recoveryCodesReplaced(event, context)
    case 'recovery code used':
      return recoveryCodeUsed(event, context)
    case 'password changed':
      return passwordChanged(context)
    case 'factors reset by admin':
      return factorsReset(context)
    case 'new device':
      return newDevice(event, context)
    case 'break-glass used':
      return breakGlassUsed(event, context)
    case 'recovery requested':
      return recoveryRequested(event, context)
    case 'recovery confirmation':
      return recoveryConfirmation(event, context)
    case 'recovery canceled':
      return recoveryCanceled(context)
    case 'recovery completed':
      return recoveryCompleted(event, context)
    case 'change undone':
      return changeUndone(event, context)
    case 'deletion requested':
      return deletionRequested(event, context)
    case 'deletion canceled':
      return deletionCanceled(context)
    case 'deletion done':
      return deletionDone(context)
    default:
      return event satisfies never
  }
}
