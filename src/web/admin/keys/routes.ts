import { z } from 'zod'
import { queryOf, textField } from '../../../http/fields.ts'
import type { WebRoute } from '../../route.ts'
import { adminForm, adminPage } from '../administrator.ts'
import { showKeys, showRetire, showRotate, submitRetire, submitRotate } from './keys.ts'
import { keysPath, rotatePath } from './paths.ts'

const confirmForm = z.object({ now: z.literal('1').optional() })
const oneKey = `${keysPath}/:id/retire`
const nothing = () => undefined

export const keysRoutes: readonly WebRoute[] = [
  adminPage(keysPath, 'keys:read', (request) => textField(queryOf(request), 'notice', 32) ?? '', showKeys),
  adminPage(rotatePath, 'keys:write', nothing, showRotate),
  adminForm(rotatePath, 'keys:write', confirmForm, submitRotate),
  adminPage(oneKey, 'keys:write', nothing, showRetire),
  adminForm(oneKey, 'keys:write', confirmForm, submitRetire),
]
