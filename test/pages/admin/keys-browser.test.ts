/** The pages about keys in Chromium. */
import { keysPages } from '../../support/pages/keys-samples.ts'
import { describeLooks } from '../../support/pages/page-looks.ts'

describeLooks({ samples: keysPages, form: 'keys-rotate-early' })
