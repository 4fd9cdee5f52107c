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

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.fusewright.core.rule.Rule;
import dev.fusewright.core.rule.RuleInfo;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fusewright rules}. */
@Command(
    name = "rules",
    description = "Lists the rules, each with its one-line algebra.",
    mixinStandardHelpOptions = true)
final class RulesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Map<RuleInfo, List<String>> rules = rules();
    if (json) {
      out.println(json(rules));
    } else {
      rules.forEach(
          (rule, sets) ->
              out.printf(
                  "%s  (%s)%n  %s%n  %s%n%n",
                  rule.id(), String.join(", ", sets), rule.title(), rule.algebra()));
    }
    return ExitCode.OK;
  }

  /** Every rule, in order, with the sets that it is in. */
  private static Map<RuleInfo, List<String>> rules() {
    Map<RuleInfo, List<String>> rules = new LinkedHashMap<>();
    for (RuleSet set : List.of(Rules.inference(), Rules.torch())) {
      for (Rule<?> rule : set.stream().toList()) {
        rules.computeIfAbsent(rule.info(), info -> new java.util.ArrayList<>()).add(set.name());
      }
    }
    return rules;
  }

  private static String json(Map<RuleInfo, List<String>> rules) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
      out.writeStartObject();
      out.writeArrayFieldStart("rules");
      for (Map.Entry<RuleInfo, List<String>> rule : rules.entrySet()) {
        out.writeStartObject();
        out.writeStringField("id", rule.getKey().id());
        out.writeStringField("title", rule.getKey().title());
        out.writeStringField("algebra", rule.getKey().algebra());
        out.writeArrayFieldStart("sets");
        for (String set : rule.getValue()) {
          out.writeString(set);
        }
        out.writeEndArray();
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text.toString();
  }
}
