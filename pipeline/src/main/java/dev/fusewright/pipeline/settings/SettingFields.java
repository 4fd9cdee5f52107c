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
package dev.fusewright.pipeline.settings;

import static dev.fusewright.pipeline.settings.SettingPlace.ENTRY;
import static dev.fusewright.pipeline.settings.SettingPlace.FUSE;
import static dev.fusewright.pipeline.settings.SettingPlace.INSPECT;
import static dev.fusewright.pipeline.settings.SettingPlace.READ;
import static dev.fusewright.pipeline.settings.SettingPlace.RUN;
import static dev.fusewright.pipeline.settings.SettingPlace.VERIFY;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.rule.qat.QatBackend;
import dev.fusewright.io.storage.FetchDeadline;
import dev.fusewright.io.storage.Location;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The table of settings. Every spelling comes from it: an entry's JSON and Avro, the options, what
 * a run hands its workers and writes down, the digest that decides what is unchanged, and the page
 * {@code settings.md}.
 */
public final class SettingFields {
  public static final Setting<Mode> MODE =
      Setting.named("mode", Codecs.constant(Mode.class))
          .option("--mode")
          .label("eval|qat")
          .meaning("eval folds BatchNorm into weights; qat builds QAT modules.")
          .standard(Mode.EVAL)
          .at(ENTRY, RUN, FUSE, INSPECT)
          .reserved(
              RUN,
              mode -> !mode.fuses(),
              "verify|audit",
              "verify publishes nothing and proves what others made: each entry's candidate is held against its"
                  + " original. audit publishes nothing and looks whether the zoo in --output is still what its"
                  + " receipts say. Entries cannot override these two.")
          .example("\"qat\"")
          .build();

  public static final Setting<String> RULES =
      Setting.named("rules", Codecs.text(RuleNames::check))
          .option("--rules")
          .label("SET")
          .meaning(
              "inference: every sound fold, in float64, rounded once. torch: PyTorch's own table, bit for bit."
                  + " Or rule ids with commas between; see fusewright rules.")
          .standardText("inference; torch for state dicts, and with a module list or a graph")
          .at(ENTRY, RUN, FUSE, INSPECT, VERIFY)
          .example("\"torch\"")
          .build();

  public static final Setting<String> MODULES =
      Setting.named("fuse", new ModuleListCodec())
          .option("--modules")
          .label("FILE|JSON|recipe:NAME|auto")
          .meaning(
              "Fuses these modules and nothing else, as PyTorch's fuse_modules does: a list of names or of lists of"
                  + " names, as JSON or in a file, or a recipe for a family of models (resnet, mobilenet_v2, ...)."
                  + " Of whole modules, auto fuses what follows one another in a Sequential.")
          .at(ENTRY, RUN, FUSE, INSPECT, VERIFY)
          .example("[[\"conv1\",\"bn1\"]]")
          .build();

  public static final Setting<QatBackend> QAT_PREPARE =
      Setting.named("qat_prepare", Codecs.named(QatBackend::of, QatBackend::text))
          .option("--qat-prepare")
          .label("fbgemm|qnnpack")
          .meaning("In mode qat: fake-quantizes weights as this backend's default does.")
          .at(ENTRY, RUN, FUSE, INSPECT)
          .example("\"qnnpack\"")
          .build();

  /** Not in an entry: what is data never names a class. */
  public static final Setting<List<String>> FUSERS =
      Setting.named("fusers", Codecs.texts())
          .option("--fuser")
          .label("CLASS")
          .meaning("A custom fuser on the classpath, by its class; may be repeated.")
          .standard(List.of())
          .standardText("none")
          .at(RUN, FUSE, INSPECT)
          .example("[\"org.example.MyFuser\"]")
          .build();

  public static final Setting<Location> GRAPH =
      Setting.named("graph", Codecs.location())
          .option("--graph")
          .label("FILE")
          .meaning(
              "For a state dict: an ONNX model with the same parameter names. It says what can be fused and with which"
                  + " eps, refuses what it contradicts, and the whole model is run as a proof.")
          .at(ENTRY, RUN, FUSE, INSPECT, VERIFY)
          .example("\"/models/a.onnx\"")
          .build();

  public static final Setting<Map<String, Double>> EPS =
      Setting.named("eps", new EpsilonsCodec())
          .option("--eps")
          .label("[GLOB=]X")
          .meaning(
              "For a state dict: the eps of its BatchNorms, or of those whose names fit a glob, in which * stands for any"
                  + " text; may be repeated, and of several that fit a whole name counts, else the glob with most of its letters. In JSON a number, or an"
                  + " object by glob. It may not contradict a file or graph that says it itself.")
          .standardText("the file's, the graph's, the recipe's, or 1e-5")
          .at(ENTRY, RUN, FUSE, INSPECT, VERIFY)
          .example("0.001")
          .build();

  public static final Setting<InputPolicy> INPUT_POLICY =
      Setting.named("input_policy", Codecs.constant(InputPolicy.class))
          .option("--inputs")
          .label("keep|freeze")
          .meaning(
              "An initializer that is also a graph input can be overridden by callers. keep does not fold it and says"
                  + " so; freeze takes it for a constant and removes it from the inputs.")
          .standard(InputPolicy.KEEP)
          .at(ENTRY, RUN, FUSE, INSPECT)
          .example("\"freeze\"")
          .build();

  public static final Setting<Double> MAX_GROWTH =
      Setting.named("max_growth", Numbers.atLeastOne())
          .option("--max-growth")
          .label("X")
          .meaning(
              "How many times as large the parameters in the file may become by folds that store what was computed or"
                  + " shared. What grows by 16 MB or less is never refused; a large number turns the bound off. Module"
                  + " lists, which name their sites, are not bounded.")
          .standard(FusionEngine.STANDARD_MAX_GROWTH)
          .at(ENTRY, RUN, FUSE, INSPECT)
          .example("4.0")
          .build();

  public static final Setting<Map<String, InputSpec>> INPUTS =
      Setting.named("inputs", new InputSpecsCodec())
          .label("OBJECT")
          .meaning(
              "By input name: the shape, the range and the files of the inputs that whole models are run on.")
          .standard(Map.of())
          .standardText("the model's own shapes, random values")
          .at(ENTRY)
          .example("{\"x\":{\"shape\":[1,3],\"range\":[0.0,1.0],\"files\":[\"/models/x.npy\"]}}")
          .build();

  public static final Setting<VerifyLevel> VERIFY_LEVEL =
      Setting.named("verify", Codecs.constant(VerifyLevel.class))
          .option("--verify")
          .label("LEVEL")
          .meaning(
              "What is proven before anything is published. none; site: every fusion by itself; model: the whole"
                  + " models, run side by side; all: both.")
          .standard(VerifyLevel.ALL)
          .at(ENTRY, RUN, FUSE)
          .example("\"site\"")
          .build();

  public static final Setting<Require> REQUIRE =
      Setting.named("require", Codecs.constant(Require.class))
          .option("--require")
          .label("equivalent|as-listed")
          .meaning(
              "The least that is published. as-listed: a state dict whose pairs are proven, and are neighbours by the"
                  + " word of a list; equivalent: only what data flow shows.")
          .standard(Require.AS_LISTED)
          .at(ENTRY, RUN, FUSE)
          .example("\"equivalent\"")
          .build();

  /** Not in an entry: what is data never names a program. */
  public static final Setting<Path> TORCH_RUNNER =
      Setting.named("torch_runner", Codecs.program())
          .option("--torch-runner")
          .label("PYTHON")
          .meaning(
              "The absolute path of a Python that has torch, on each machine that computes. It runs TorchScript archives"
                  + " with operators that have no translation, as whole models, in a child process: their code, by"
                  + " torch's interpreter. A retry does not take it over.")
          .standardText("none: nothing of an archive is executed")
          .at(RUN, FUSE, VERIFY)
          .example("\"/opt/torch/bin/python\"")
          .build();

  /** Each costs a run of both models, or several: an entry may not hold a worker for a day. */
  private static final int MOST_SAMPLES = 1000;

  public static final Setting<Integer> SAMPLES =
      Setting.named("samples", Numbers.upTo(MOST_SAMPLES))
          .option("--samples")
          .label("N")
          .meaning("How many sets of inputs whole models are run on.")
          .standardText("9, and more where those show nothing")
          .at(ENTRY, RUN, FUSE, VERIFY)
          .example("3")
          .build();

  public static final Setting<Long> SEED =
      Setting.named("seed", Numbers.whole())
          .option("--seed")
          .label("S")
          .meaning("From which those inputs are made.")
          .standard(0L)
          .at(ENTRY, RUN, FUSE, VERIFY)
          .example("7")
          .build();

  public static final Setting<Double> TOLERANCE =
      Setting.named("tolerance", Numbers.positive())
          .label("X")
          .meaning("The ceiling of what an output may be off, relative.")
          .standardText("that of the output's element type")
          .at(ENTRY)
          .example("0.01")
          .build();

  public static final Setting<FuseSettings.Doubtful> ACCEPT_INCONCLUSIVE =
      Setting.named(
              "accept_inconclusive",
              Codecs.flag(FuseSettings.Doubtful.REJECT, FuseSettings.Doubtful.ACCEPT))
          .option("--accept-inconclusive")
          .meaning(
              "Publishes what could be neither proven nor refuted. By default that is rejected.")
          .standard(FuseSettings.Doubtful.REJECT)
          .at(ENTRY, RUN, FUSE)
          .example("true")
          .build();

  /** Not in an entry: whether the output is a whole zoo is a question for the run. */
  public static final Setting<FuseSettings.Unfused> NO_COPY =
      Setting.named("no_copy", Codecs.flag(FuseSettings.Unfused.COPY, FuseSettings.Unfused.OMIT))
          .option("--no-copy")
          .meaning(
              "Publishes nothing of a model in which there is nothing to fuse. By default it is copied.")
          .standard(FuseSettings.Unfused.COPY)
          .decidesNothing()
          .at(RUN)
          .example("true")
          .build();

  /** Of one file it is an error: {@code fuse} has no such option. */
  public static final Setting<Unnamed> UNNAMED =
      Setting.named("unnamed", Codecs.constant(Unnamed.class))
          .option("--unnamed")
          .label("fail|copy|skip")
          .meaning(
              "What becomes of a state dict with BatchNorms that no list, recipe or graph names. copy: there is nothing to"
                  + " fuse, and it is copied; skip: the same, and nothing is published; fail: the entry fails.")
          .standard(Unnamed.COPY)
          .at(ENTRY, RUN)
          .example("\"fail\"")
          .build();

  public static final Setting<Integer> FETCH_TIMEOUT =
      Setting.named("fetch_timeout", Numbers.count())
          .option("--fetch-timeout")
          .label("SECONDS")
          .meaning(
              "How long a source may give nothing before it fails: a model and what belongs to it, a catalogue, a listing,"
                  + " the reports of earlier runs.")
          .standard((int) FetchDeadline.STANDARD.toSeconds())
          .decidesNothing()
          .at(ENTRY, RUN, FUSE, INSPECT, VERIFY, READ)
          .example("60")
          .build();

  public static final Setting<OutputForm> AS =
      Setting.named("as", Codecs.constant(OutputForm.class))
          .option("--as")
          .label("module|state-dict")
          .meaning(
              "What a file of whole modules (torch.save(model)) becomes. module: whole modules, as fuse_modules makes them"
                  + " of the original; state-dict: their parameters. Of any other file it changes nothing.")
          .standard(OutputForm.MODULE)
          .at(ENTRY, RUN, FUSE, INSPECT)
          .example("\"state-dict\"")
          .build();

  /** Every setting, in the order in which they are written. */
  public static final List<Setting<?>> ALL =
      List.of(
          MODE,
          RULES,
          MODULES,
          QAT_PREPARE,
          FUSERS,
          GRAPH,
          EPS,
          AS,
          INPUT_POLICY,
          MAX_GROWTH,
          INPUTS,
          VERIFY_LEVEL,
          TORCH_RUNNER,
          REQUIRE,
          SAMPLES,
          SEED,
          TOLERANCE,
          ACCEPT_INCONCLUSIVE,
          NO_COPY,
          UNNAMED,
          FETCH_TIMEOUT);

  /** What holds where nothing is said, as far as that does not depend on the model. */
  static final Settings STANDARD = standard();

  private SettingFields() {}

  /** The settings that may be said there. */
  public static List<Setting<?>> at(SettingPlace place) {
    return ALL.stream().<Setting<?>>map(field -> field).filter(f -> f.standsAt(place)).toList();
  }

  private static Settings standard() {
    Settings all = Settings.NONE;
    for (Setting<?> field : ALL) {
      all = withStandard(all, field);
    }
    return all;
  }

  private static <T> Settings withStandard(Settings settings, Setting<T> field) {
    T standard = field.standard();
    return standard == null ? settings : settings.with(field, standard);
  }
}
