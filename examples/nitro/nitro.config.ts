export default { srcDir: 'src', output: { dir: 'dist' }, compatibilityDate: '2026-01-01' };
