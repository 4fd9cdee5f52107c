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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.modules.Fusers;
import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.modules.ModuleFuser;
import dev.fusewright.core.modules.ModuleList;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.FusionPlan;
import dev.fusewright.core.plan.SiteKey;
import dev.fusewright.core.rule.RuleSet;
import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.rule.qat.QatBackend;
import dev.fusewright.core.rule.qat.QatRules;
import dev.fusewright.io.Formats;
import dev.fusewright.io.format.GraphFormat;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.settings.RuleChoice;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Plans what the settings ask for: by rules or by a module list, in either mode. */
final class Planner {
  private static final String RECIPE = "recipe:";

  private final FuseSettings settings;
  private final FuseModel flow;
  private final GraphFormat format;

  /** A planner of graphs whose files take whatever a rule may make. */
  Planner(FuseSettings settings, FuseModel flow) {
    this(settings, flow, Formats.onnx());
  }

  /** A planner of graphs of a format. */
  Planner(FuseSettings settings, FuseModel flow, GraphFormat format) {
    this.settings = settings;
    this.flow = flow;
    this.format = format;
  }

  /**
   * Refuses settings that no model could be fused with.
   *
   * @throws RequestException saying what is wrong with them
   */
  void check() throws RequestException {
    if (settings.fusion() == FusionMode.EVAL) {
      if (settings.rules().isPresent()) {
        flow.engine(settings.rules().get());
      }
      if (settings.modules().backend() != null) {
        throw new RequestException("QAT modules are prepared in mode qat only");
      }
    }
    if (settings.modules().list() != null && !settings.modules().isAutomatic()) {
      list(settings.modules().list());
      fusers();
    }
  }

  /** The plan that is carried out. */
  FusionPlan plan(ModelGraph model) throws RequestException {
    return plan(model, settings.modules().backend());
  }

  /** Whether what was planned can be planned again without some of its sites. */
  boolean canExclude() {
    return settings.fusion() == FusionMode.EVAL && settings.modules().list() == null;
  }

  /** The plan that leaves some sites as they are. */
  FusionPlan without(ModelGraph model, Set<SiteKey> sites) throws RequestException {
    return flow.engine(rules(), format).withMaxGrowth(settings.maxGrowth()).plan(model, sites);
  }

  /** The plan without fake-quantization, which is what the original can be compared with. */
  FusionPlan withoutQuantization(ModelGraph model) throws RequestException {
    return plan(model, null);
  }

  private FusionPlan plan(ModelGraph model, @Nullable QatBackend backend) throws RequestException {
    if (settings.fusion() == FusionMode.QAT && !format.writesNewModels()) {
      throw new RequestException(
          "mode qat puts new nodes into a graph, and %s has no place for any; prepare the model in PyTorch and export it then"
              .formatted(format.title()));
    }
    String list = settings.modules().list();
    Optional<QatBackend> prepared = Optional.ofNullable(backend);
    if (list == null) {
      return switch (settings.fusion()) {
        case EVAL -> flow.engine(rules(), format).withMaxGrowth(settings.maxGrowth()).plan(model);
        case QAT ->
            new FusionEngine(prepared.map(QatRules::prepared).orElseGet(QatRules::construction))
                .withListener(flow.listener())
                .withMaxGrowth(settings.maxGrowth())
                .plan(model);
      };
    }
    if (settings.modules().isAutomatic()) {
      throw new RequestException(
          "--modules auto is for whole modules of PyTorch; a graph shows its data flow, and is fused without a list");
    }
    RuleSet rules =
        switch (settings.fusion()) {
          case EVAL -> FuseModel.held(Rules.named(rules()), format);
          case QAT -> QatRules.listed(prepared);
        };
    try {
      return new ModuleFuser(list(list), settings.fusion(), rules, fusers())
          .withListener(flow.listener())
          .plan(model);
    } catch (ModuleListException e) {
      throw new RequestException(String.valueOf(e.getMessage()));
    }
  }

  private String rules() {
    return RuleChoice.of(settings, RuleChoice.Kind.GRAPH);
  }

  private static ModuleList list(String text) throws RequestException {
    try {
      return text.startsWith(RECIPE)
          ? ModuleList.recipe(text.substring(RECIPE.length()))
          : ModuleList.parse(text);
    } catch (ModuleListException e) {
      throw new RequestException(String.valueOf(e.getMessage()));
    }
  }

  private Fusers fusers() throws RequestException {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    Fusers fusers = Fusers.installed(loader);
    try {
      for (int i = settings.modules().fusers().size() - 1; i >= 0; i--) {
        fusers = fusers.with(settings.modules().fusers().get(i), loader);
      }
    } catch (IllegalArgumentException e) {
      throw new RequestException(String.valueOf(e.getMessage()));
    }
    return fusers;
  }
}
