/** Resolves to the TypeScript sources of the workspace's packages; sources are not packed. */
const DEVELOPMENT_CONDITION = '@blue-webhooks/source';

/** Removes the condition at every depth of `exports` and `imports`. */
function withoutDevelopmentCondition(target) {
  if (typeof target !== 'object' || target === null || Array.isArray(target)) return target;
  return Object.fromEntries(
    Object.entries(target)
      .filter(([condition]) => condition !== DEVELOPMENT_CONDITION)
      .map(([condition, value]) => [condition, withoutDevelopmentCondition(value)]),
  );
}

module.exports = {
  hooks: {
    /** Removes from a packed manifest what only this workspace uses. */
    beforePacking({ scripts, devDependencies, ...manifest }) {
      for (const field of ['exports', 'imports']) {
        if (manifest[field]) manifest[field] = withoutDevelopmentCondition(manifest[field]);
      }
      return manifest;
    },
  },
};
