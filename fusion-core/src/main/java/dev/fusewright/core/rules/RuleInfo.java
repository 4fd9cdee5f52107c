package dev.fusewright.core.rules;

/**
 * What a rule is, for people.
 *
 * @param id stable, in kebab case; also the name of its page
 * @param title one line
 * @param algebra the identity that makes the rule sound, in one line
 */
public record RuleInfo(String id, String title, String algebra) {}
