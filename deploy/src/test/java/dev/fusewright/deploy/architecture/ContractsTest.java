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
package dev.fusewright.deploy.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.io.Formats;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What must never appear in a package, as its package-info says, where it can be said in packages.
 *
 * <p>Names are below {@code dev.fusewright}; one that ends in {@code ..} has the packages below it
 * as well.
 */
class ContractsTest {
  private static final String OURS = "dev.fusewright.";

  /** Not written by us. */
  private static final Set<String> GENERATED =
      Set.of("report", "io.onnx.proto", "pipeline.audit.page");

  /**
   * The contract of a package.
   *
   * @param of the package
   * @param because of this
   * @param never the packages that it does not know
   */
  record Contract(String of, String because, List<String> never) {
    @Override
    public String toString() {
      return of;
    }

    ArchRule rule() {
      return noClasses()
          .that()
          .resideInAPackage(OURS + of)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(never.stream().map(OURS::concat).toArray(String[]::new))
          .because(because);
    }
  }

  private static Contract of(String name, String because, String... never) {
    return new Contract(name, because, List.of(never));
  }

  /** All packages below one, but for some. */
  private static String[] allBelow(String module, String... but) {
    Set<String> known = Set.of(but);
    return packages().stream()
        .filter(name -> name.startsWith(module + "."))
        .filter(name -> !known.contains(name))
        .toArray(String[]::new);
  }

  static Stream<Contract> contracts() {
    List<Contract> contracts = new ArrayList<>();
    contracts.addAll(data());
    contracts.addAll(fusing());
    contracts.addAll(proving());
    contracts.addAll(formats());
    contracts.addAll(eachFormat());
    contracts.addAll(oneModel());
    contracts.addAll(manyModels());
    return contracts.stream();
  }

  private static List<Contract> data() {
    return List.of(
        of("core.tensor", "numbers are below everything", allBelow("core", "core.tensor")),
        of(
            "core.graph",
            "a graph is a value, whatever is done with it",
            allBelow("core", "core.graph", "core.tensor")),
        of(
            "core.text",
            "the text form has no opinion on operators",
            allBelow("core", "core.text", "core.graph", "core.tensor")),
        of(
            "core.plan",
            "a plan says what is to be done, whoever found it",
            allBelow("core", "core.plan", "core.graph", "core.tensor")),
        of(
            "core.reference",
            "an operator's meaning is the standard's, not a rule's",
            allBelow("core", "core.reference", "core.graph", "core.tensor")),
        of(
            "core.diff",
            "a difference is no judgement",
            allBelow("core", "core.diff", "core.text", "core.graph", "core.tensor")));
  }

  private static List<Contract> fusing() {
    return List.of(
        of(
            "core.analysis",
            "what is known of a graph does not depend on who asks",
            "core.pattern",
            "core.rule..",
            "core.engine",
            "core.modules",
            "core.state",
            "core.companion",
            "core.proof",
            "core.verify.."),
        of(
            "core.analysis.shape",
            "a shape follows from the graph alone",
            allBelow("core", "core.analysis.shape", "core.graph", "core.tensor")),
        of(
            "core.pattern",
            "the pattern language is learned before the rules",
            "core.rule..",
            "core.engine",
            "core.modules",
            "core.state",
            "core.companion",
            "core.proof",
            "core.verify.."),
        of(
            "core.rule",
            "the interface does not know who implements it, nor who applies it",
            "core.rule.fold",
            "core.rule.qat",
            "core.engine",
            "core.modules",
            "core.state",
            "core.companion",
            "core.proof",
            "core.verify.."),
        of(
            "core.rule.fold",
            "a rule says when and what, not in which order, and does not prove itself",
            "core.rule.qat",
            "core.engine",
            "core.modules",
            "core.state",
            "core.companion",
            "core.proof",
            "core.verify.."),
        of(
            "core.rule.qat",
            "a rule says when and what, not in which order, and does not prove itself",
            "core.engine",
            "core.modules",
            "core.state",
            "core.companion",
            "core.proof",
            "core.verify.."),
        of(
            "core.engine",
            "the engine applies what it is given",
            "core.rule.fold",
            "core.rule.qat",
            "core.modules",
            "core.state",
            "core.companion",
            "core.proof",
            "core.verify.."),
        of(
            "core.modules",
            "a list of modules is a choice of rules, not a check of them",
            "core.state",
            "core.companion",
            "core.reference",
            "core.proof",
            "core.verify.."),
        of(
            "core.state",
            "keys, order, metadata and the small graphs of groups; data flow is a companion's",
            "core.companion",
            "core.reference",
            "core.proof",
            "core.verify.."),
        of(
            "core.companion",
            "which entry is which, not how groups are fused",
            "core.rule..",
            "core.reference",
            "core.proof",
            "core.verify.."));
  }

  private static List<Contract> proving() {
    return List.of(
        of(
            "core.verdict",
            "a verdict is a value, however it was found",
            allBelow("core", "core.verdict", "core.tensor")),
        of(
            "core.proof",
            "a rule that has an axis wrong must not find the same mistake in its proof",
            "core.analysis",
            "core.pattern",
            "core.rule..",
            "core.engine",
            "core.modules",
            "core.state",
            "core.companion",
            "core.verify.."),
        of(
            "core.proof.structure",
            "two graphs are compared as they are, whoever made them",
            "core.analysis",
            "core.pattern",
            "core.rule..",
            "core.engine",
            "core.modules",
            "core.state",
            "core.companion",
            "core.plan",
            "core.proof",
            "core.verify.."),
        of(
            "core.verify.structure",
            "it drives the rules and the proof, and knows no operator",
            "core.analysis",
            "core.pattern",
            "core.reference",
            "core.modules",
            "core.state",
            "core.companion",
            "core.verify.inputs"),
        of(
            "core.verify",
            "two models are compared by what they compute",
            "core.analysis",
            "core.pattern",
            "core.rule..",
            "core.engine",
            "core.modules",
            "core.state",
            "core.companion",
            "core.proof"),
        of(
            "core.verify.inputs",
            "inputs are made for one model, not for a comparison",
            "core.verify",
            "core.verdict",
            "core.reference",
            "core.analysis",
            "core.pattern",
            "core.rule..",
            "core.engine",
            "core.modules",
            "core.state",
            "core.companion",
            "core.proof"));
  }

  /** Of each format in the list, so that a new one has its contract from the first day. */
  private static List<Contract> eachFormat() {
    List<String> names =
        Formats.all().stream()
            .map(format -> format.getClass().getPackageName().substring(OURS.length()))
            .toList();
    return names.stream().map(name -> ofFormat(name, names)).toList();
  }

  private static Contract ofFormat(String name, List<String> all) {
    return new Contract(
        name,
        "formats do not know each other, nor rules and stores",
        Stream.concat(
                all.stream().filter(Predicate.not(name::equals)).map(other -> other + ".."),
                Stream.of(
                    "io.storage..",
                    "io.runtime..",
                    "core.pattern",
                    "core.rule..",
                    "core.engine",
                    "core.proof"))
            .toList());
  }

  private static List<Contract> formats() {
    return List.of(
        of(
            "io.file",
            "files are read and refused the same way, whatever is in them",
            allBelow("io", "io.file")),
        of(
            "io.json",
            "JSON is taken apart the same way, whatever it says",
            allBelow("io", "io.json", "io.file")),
        of(
            "io.archive",
            "archives are taken apart the same way, whatever is in them",
            allBelow("io", "io.archive", "io.json", "io.file", "io.format")),
        of(
            "io.aten",
            "operators of PyTorch are said the same way, whatever file names them",
            allBelow("io", "io.aten", "io.json", "io.file", "io.format")),
        of(
            "io.programs",
            "archives of programs are opened and written the same way, whatever says the program",
            allBelow(
                "io", "io.programs", "io.aten", "io.archive", "io.json", "io.file", "io.format")),
        of(
            "io.storage",
            "a store does not know what is in a file",
            Stream.concat(Stream.of(allBelow("io", "io.storage", "io.file")), Stream.of("core.."))
                .toArray(String[]::new)),
        of(
            "io.ranged",
            "a view does not know what is in a file",
            Stream.concat(
                    Stream.of(allBelow("io", "io.ranged", "io.storage", "io.file")),
                    Stream.of("core.."))
                .toArray(String[]::new)),
        of(
            "io.format",
            "what formats have in common is none of them",
            allBelow("io", "io.format", "io.file")),
        of(
            "io",
            "the list of formats opens files, wherever they come from",
            "io.storage..",
            "io.runtime..",
            "io.samples..",
            "core.pattern",
            "core.rule..",
            "core.engine",
            "core.proof"),
        of(
            "io.samples",
            "samples are tensors in files",
            "io.torch..",
            "io.aten..",
            "io.programs..",
            "io.pt2..",
            "io.torchscript..",
            "io.safetensors..",
            "io.storage..",
            "io.runtime..",
            "core.rule..",
            "core.engine"),
        of(
            "io.runtime",
            "the runtime runs the models that it is given",
            "io.torch..",
            "io.aten..",
            "io.programs..",
            "io.pt2..",
            "io.torchscript..",
            "io.safetensors..",
            "io.storage..",
            "io.samples..",
            "core.pattern",
            "core.rule..",
            "core.engine",
            "core.proof"));
  }

  private static List<Contract> oneModel() {
    return List.of(
        of(
            "pipeline.settings",
            "settings are read, whoever is to follow them",
            allBelow("pipeline", "pipeline.settings")),
        of(
            "pipeline.verification",
            "a verifier compares what it is given, and publishes nothing",
            allBelow("pipeline", "pipeline.verification", "pipeline.settings")),
        of(
            "pipeline.files",
            "our own files are read back the same way, whatever they mean",
            allBelow("pipeline", "pipeline.files")),
        of(
            "pipeline.report",
            "a report says what was decided, and decides nothing",
            allBelow("pipeline", "pipeline.report", "pipeline.settings", "pipeline.files")),
        of(
            "pipeline.model",
            "one model, without the others",
            allBelow(
                "pipeline",
                "pipeline.model",
                "pipeline.settings",
                "pipeline.verification",
                "pipeline.report")));
  }

  private static List<Contract> manyModels() {
    return List.of(
        of(
            "pipeline.cache",
            "whether a model is up to date, not how many there are",
            allBelow(
                "pipeline",
                "pipeline.cache",
                "pipeline.model",
                "pipeline.settings",
                "pipeline.report",
                "pipeline.files")),
        of(
            "pipeline.catalogue",
            "which models there are, not what becomes of them",
            allBelow(
                "pipeline",
                "pipeline.catalogue",
                "pipeline.model",
                "pipeline.settings",
                "pipeline.files")),
        of(
            "pipeline.run",
            "a run does not know who does its work",
            "pipeline.beam",
            "pipeline.flink",
            "pipeline.audit",
            "pipeline.cli"),
        of(
            "pipeline.beam",
            "transforms know no runner",
            "pipeline.flink",
            "pipeline.audit",
            "pipeline.cli"),
        of(
            "pipeline.flink",
            "a runner does not know what a run does to a model",
            "pipeline.model",
            "pipeline.cache",
            "pipeline.catalogue",
            "pipeline.verification",
            "pipeline.report",
            "pipeline.audit",
            "pipeline.cli"),
        of(
            "pipeline.audit",
            "pages are made of reports",
            "pipeline.cache",
            "pipeline.verification",
            "pipeline.beam",
            "pipeline.flink",
            "pipeline.cli"),
        of(
            "pipeline.cli",
            "commands say what is asked for, and decide nothing",
            "core.pattern",
            "core.proof",
            "core.state",
            "io.torch..",
            "io.aten..",
            "io.programs..",
            "io.pt2..",
            "io.torchscript..",
            "io.safetensors..",
            "io.runtime..",
            "deploy.."),
        of("deploy", "nothing of one model is decided here", "core..", "io..", "pipeline.model"),
        of(
            "deploy.cluster",
            "a cluster is started for any job",
            "core..",
            "pipeline.model",
            "pipeline.cache",
            "pipeline.catalogue",
            "pipeline.beam"));
  }

  private static Set<String> packages() {
    return OurClasses.ALL.stream()
        .map(JavaClass::getPackageName)
        .map(name -> name.substring(Math.min(name.length(), OURS.length())))
        .filter(Predicate.not(GENERATED::contains))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @MethodSource("contracts")
  void a_package_keeps_its_contract(Contract contract) {
    contract.rule().check(OurClasses.ALL);
  }

  @Test
  void every_package_has_a_contract_and_every_contract_a_package() {
    Set<String> withClasses =
        OurClasses.ALL
            .that(
                DescribedPredicate.describe(
                    "are no package-info", type -> !type.getSimpleName().equals("package-info")))
            .stream()
            .map(type -> type.getPackageName().substring(OURS.length()))
            .filter(Predicate.not(GENERATED::contains))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(contracts().map(Contract::of)).containsExactlyInAnyOrderElementsOf(withClasses);
  }

  @Test
  void commands_print_what_the_engine_tells_and_do_not_run_it() {
    noClasses()
        .that()
        .resideInAPackage(OURS + "pipeline.cli")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(FusionEngine.class)
        .because("commands say what is asked for, and decide nothing")
        .check(OurClasses.ALL);
  }

  @Test
  void a_contract_that_is_broken_is_seen() {
    Contract broken = of("core.engine", "it applies them", "core.rule");

    assertThatThrownBy(() -> broken.rule().check(OurClasses.ALL))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("core.rule.");
  }
}
