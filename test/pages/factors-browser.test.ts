/** The pages about second factors in Chromium. */
import { factorPages } from '../support/pages/factor-samples.ts'
import { describeLooks } from '../support/pages/page-looks.ts'

describeLooks({ samples: factorPages, form: 'factors-app-wrong-code' })
