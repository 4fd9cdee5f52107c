/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Manual pages, in the language of man(7), of what help and completion are made of too. */
final class ManPage {
  private static final String SECTION = "1";
  private static final int ONE_LINE = 10_000;

  private ManPage() {}

  /** All pages by the names of their files: the program's, and one for each command. */
  static Map<String, String> all(CommandLine program) {
    Map<String, String> pages = new LinkedHashMap<>();
    put(pages, program, program);
    return pages;
  }

  private static void put(Map<String, String> pages, CommandLine program, CommandLine command) {
    pages.put(name(command) + "." + SECTION, of(program, command));
    command.getSubcommands().values().forEach(below -> put(pages, program, below));
  }

  /** Such as {@code fusewright-run}. */
  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName("-");
  }

  private static String of(CommandLine program, CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    Roff page = new Roff();
    page.title(name(command), SECTION, Versions.lines().get(0));
    page.section("NAME");
    page.text(Roff.escaped(name(command)) + " \\- " + Roff.escaped(firstSentence(spec)));
    page.section("SYNOPSIS");
    synopsis(page, command);
    page.section("DESCRIPTION");
    page.paragraph(joined(spec.usageMessage().description()));
    commands(page, command);
    parameters(page, spec);
    options(page, spec);
    page.section("EXIT STATUS");
    program
        .getCommandSpec()
        .usageMessage()
        .exitCodeList()
        .forEach((code, meaning) -> page.item(bold(code), meaning));
    footer(page, spec);
    page.section("SEE ALSO");
    page.text(
        other(program, command).stream()
            .map(one -> bold(name(one)) + "(%s)".formatted(SECTION))
            .collect(Collectors.joining(", ")));
    return page.toString();
  }

  private static List<CommandLine> other(CommandLine program, CommandLine command) {
    List<CommandLine> others = new ArrayList<>();
    if (command != program) {
      others.add(program);
    }
    others.addAll(command.getSubcommands().values());
    return others;
  }

  private static String firstSentence(CommandSpec spec) {
    return FishCompletion.first(spec.usageMessage().description());
  }

  private static String joined(String[] lines) {
    return String.join(" ", lines);
  }

  /** As help has it, without the breaks that its width makes. */
  private static void synopsis(Roff page, CommandLine command) {
    command.setUsageHelpWidth(ONE_LINE);
    String line = command.getHelp().synopsis(0).strip().replaceAll("\\s+", " ");
    String words = command.getCommandSpec().qualifiedName();
    page.text(bold(words) + " " + Roff.escaped(line.substring(words.length()).strip()));
  }

  private static void commands(Roff page, CommandLine command) {
    if (command.getSubcommands().isEmpty()) {
      return;
    }
    page.section("COMMANDS");
    command
        .getSubcommands()
        .forEach((name, one) -> page.item(bold(name), firstSentence(one.getCommandSpec()) + "."));
  }

  private static void parameters(Roff page, CommandSpec spec) {
    List<PositionalParamSpec> parameters =
        spec.positionalParameters().stream().filter(one -> !one.hidden()).toList();
    if (!parameters.isEmpty()) {
      page.section("ARGUMENTS");
      parameters.forEach(one -> page.item(italic(one.paramLabel()), joined(one.description())));
    }
  }

  private static void options(Roff page, CommandSpec spec) {
    page.section("OPTIONS");
    spec.options().stream()
        .filter(option -> !option.hidden())
        .sorted((a, b) -> a.longestName().compareTo(b.longestName()))
        .forEach(option -> page.item(option(option), joined(option.description())));
  }

  private static String option(OptionSpec option) {
    String names =
        Arrays.stream(option.names()).map(ManPage::bold).collect(Collectors.joining(", "));
    return option.arity().max() == 0 ? names : names + " " + italic(option.paramLabel());
  }

  private static String bold(String text) {
    return "\\fB" + Roff.escaped(text) + "\\fR";
  }

  private static String italic(String text) {
    return "\\fI" + Roff.escaped(text) + "\\fR";
  }

  private static void footer(Roff page, CommandSpec spec) {
    List<HelpNote> notes = HelpNote.of(spec.usageMessage().footer());
    if (notes.stream().allMatch(note -> note.kind() == HelpNote.Kind.BREAK)) {
      return;
    }
    page.section("NOTES AND EXAMPLES");
    for (HelpNote note : notes) {
      switch (note.kind()) {
        case BREAK -> {}
        case PARAGRAPH -> page.paragraph(note.text());
        case EXAMPLE -> page.example(note.text());
        case ITEM -> page.item(bold(note.term()), note.text());
      }
    }
  }
}
